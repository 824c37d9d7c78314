"""What settings of a host must keep that types cannot say. Pure."""

from atmbench.errors import LocalError
from atmbench.host.settings import HostSettings


def check_settings(settings: HostSettings) -> None:
    """Raise LocalError for settings that make no sense."""
    sites = settings.sites
    if not sites or len(set(sites)) != len(sites):
        raise LocalError(f"host.sites is {list(sites)}; expected at least one name, and none twice")
    if settings.heartbeat_s <= 0:
        raise LocalError(f"host.heartbeat_s is {settings.heartbeat_s:g}; expected more than 0")
    if settings.replication_lag_s < 0:
        raise LocalError(f"host.replication_lag_s is {settings.replication_lag_s:g}; expected 0 or more")
    if settings.replication_lag_tail < 0:
        raise LocalError(f"host.replication_lag_tail is {settings.replication_lag_tail:g}; expected 0 or more")
    if settings.confirms_after_s is not None and settings.confirms_after_s <= 0:
        raise LocalError(f"host.confirms_after_s is {settings.confirms_after_s:g}; expected more than 0")
    after_s = settings.promote_after_silence_s
    if after_s is not None and after_s <= settings.heartbeat_s:
        raise LocalError(
            f"host.promote_after_silence_s is {after_s:g}, no more than host.heartbeat_s ({settings.heartbeat_s:g}): "
            "a standby would take over from a site that is well; set it to several heartbeats"
        )
