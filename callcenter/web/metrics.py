"""The web's own figures. Invariant: labels come from closed sets, never from what a client sent."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class WebMetrics:
    """Counters of the web on the registry of the house."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "callcenter_http_requests_total", "API requests", ["operation", "status"], registry=registry
        )
        self.seconds = Histogram(
            "callcenter_http_request_seconds", "API request time", ["operation"], registry=registry
        )
        self.streams = Gauge("callcenter_event_streams", "open event streams", registry=registry)
        self.slow_streams = Counter(
            "callcenter_event_streams_closed_slow_total", "event streams cut for slowness", registry=registry
        )
        self.refused_sign_ins = Counter(
            "callcenter_sign_ins_refused_total", "refused sign-ins", registry=registry
        )
