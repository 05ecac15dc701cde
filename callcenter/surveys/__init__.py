"""Satisfaction surveys by telephone (满意度回访): who is to be asked, once, and the grade he gives."""
