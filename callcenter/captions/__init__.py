"""Live captions (实时字幕) at the edge: switched, fed to the event stream, remembered while the talk lasts."""
