"""The quality of calls (质检).

``calls`` is what the rules found, ``reviews`` what people made of it, ``notes`` what agents are told, ``plans`` how calls are
drawn, ``agreement`` how well reviewers agree, ``papers`` what leaves the house; ``viewing`` says who is shown what.

Agents see calls and reviews of their own seat only. Who reads what was said, or another's grades, is audited first.
"""

from callcenter.web.api.quality import agreement, calls, notes, papers, plans, reviews
from callcenter.web.routes import Operation

OPERATIONS: tuple[Operation, ...] = (
    *calls.OPERATIONS,
    *reviews.OPERATIONS,
    *notes.OPERATIONS,
    *plans.OPERATIONS,
    *agreement.OPERATIONS,
    *papers.OPERATIONS,
)
