"""Answers to common questions (知识库): a small file of articles that callers hear or get in writing."""
