"""Cloud seats (云坐席) at the edge: people, links, rows, what managers ask."""
