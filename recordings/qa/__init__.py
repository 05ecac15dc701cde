"""Quality of calls: who assesses and reviews them, and what is kept of it in SQL. Decisions: ``recordings.core.qa``.

``files`` reads rules and scorecards, ``gather`` what is known about a call, ``assessor`` assesses; ``assessments`` keeps that,
``ranking`` lists it, ``coverage`` counts it. ``reviews`` are people's, ``reviewing`` their steps, ``sampling`` draws them,
``coaching`` is what agents are told.
"""
