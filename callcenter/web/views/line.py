"""Who waits is moved."""

from callcenter.web.views import View


class PriorityAnswer(View):
    """A waiting caller is being moved; ``/queues/{queue}/waiting`` tells his place."""

    contact_id: str
    queue: str
    urgent: bool
