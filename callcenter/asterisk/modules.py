"""Every Asterisk module this product loads, each for a reason.

Invariant: ``modules.conf`` says ``autoload=no`` and loads exactly :data:`MODULES`; the private copy carries the
libraries of exactly these; after a start each must be ``Running``. Left out on purpose: ``app_system``,
``app_exec``, ``app_originate``, ``func_shell`` and ``func_env``, because what is not loaded cannot be abused.
"""

from collections.abc import Mapping

MODULES_BY_PURPOSE: Mapping[str, tuple[str, ...]] = {
    "base": (
        "pbx_config",
        "res_timing_timerfd",
        "res_sorcery_config",
        "res_sorcery_memory",
        "res_sorcery_astdb",
        "res_musiconhold",
        "res_crypto",
        "res_speech",  # res_agi needs its symbols
        "res_agi",
        "res_stasis",
        "res_manager_devicestate",
        "res_security_log",
        "res_http_websocket",
    ),
    "SIP": (
        "res_pjproject",
        "res_pjsip",
        "res_pjsip_session",
        "res_pjsip_pubsub",
        "res_pjsip_sdp_rtp",
        "res_pjsip_endpoint_identifier_ip",
        "res_pjsip_endpoint_identifier_user",
        "res_pjsip_authenticator_digest",
        "res_pjsip_outbound_authenticator_digest",
        "res_pjsip_registrar",
        "res_pjsip_caller_id",
        "res_pjsip_header_funcs",  # PJSIP_HEADER: the caller's real number
        "res_pjsip_rfc3326",
        "res_pjsip_dtmf_info",
        "res_pjsip_nat",
        "res_pjsip_refer",
        "res_pjsip_mwi",
        "res_pjsip_logger",
        "res_pjsip_transport_websocket",
        "res_pjsip_maintenance",
        "chan_pjsip",
    ),
    "media": (
        "res_rtp_asterisk",
        "res_srtp",
        "bridge_simple",
        "bridge_native_rtp",
        "bridge_softmix",
        "bridge_holding",
        "bridge_builtin_features",
        "bridge_builtin_interval_features",
        "codec_alaw",
        "codec_ulaw",
        "codec_a_mu",
        "codec_gsm",
        "codec_g722",
        "codec_resample",
        "codec_opus_open_source",
        "res_format_attr_opus",
        "format_wav",
        "format_pcm",
        "format_gsm",
        "format_sln",
    ),
    "applications": (
        "app_queue",
        "app_dial",
        "app_playback",
        "app_mixmonitor",
        "app_stack",
        "app_verbose",
        "app_userevent",
        "app_celgenuserevent",
        "app_cdr",
        "app_echo",
        "app_chanspy",  # also carries func_periodic_hook
        "app_read",
        "app_record",
        "app_senddtmf",
        "app_playtones",
        "app_milliwatt",
        "app_confbridge",  # a third in a talk
        "app_waitforsilence",  # WaitForNoise: whether a phone has a voice
    ),
    "functions": (
        "func_channel",
        "func_callerid",
        "func_strings",
        "func_logic",
        "func_timeout",
        "func_cut",
        "func_groupcount",
        "func_math",
        "func_uri",
        "func_periodic_hook",  # app_mixmonitor declines to load without it
        "func_cdr",
        "func_global",
        "func_db",
        "func_hangupcause",
        "func_rand",
        "func_volume",
        "func_pjsip_endpoint",
        "func_pjsip_contact",
        "func_pjsip_aor",
    ),
    "books": (
        "res_cdrel_custom",  # in newer versions the engine of both
        "cdr_custom",
        "cel_custom",
    ),
}
"""Module names without ``.so``, in loading order."""

MODULES: tuple[str, ...] = tuple(name for names in MODULES_BY_PURPOSE.values() for name in names)
"""All of them."""

OPTIONAL_MODULES = frozenset({"res_pjsip_maintenance", "res_cdrel_custom", "codec_opus_open_source"})
"""Absent from some Asterisk 20 and self-built 22 trees; loaded where the file exists."""
