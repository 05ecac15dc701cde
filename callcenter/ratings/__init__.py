"""Satisfaction (满意度): what citizens said of their talks, by key or by link."""
