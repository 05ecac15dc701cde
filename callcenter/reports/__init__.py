"""Figures (指标): what happened on the hotline in a window, each number with its formula and its parts."""
