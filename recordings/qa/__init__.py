"""Quality of calls: rule files, assessments and reviews in SQL, and who carries them out. Decisions: ``recordings.core.qa``."""
