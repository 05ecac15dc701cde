"""Pure sessions: which prompt, which key, which line."""
