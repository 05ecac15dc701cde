"""What was said: capture, vault, transcripts."""
