"""Mutual aid with a partner city (城际协作) at the edge: the signed wire, its line, what managers ask."""
