"""Which driver stands for which machine that a drill names, and how the machine is set up for a terminal."""

from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_words import Lcdm4000Words
from atmbench.devices.outfit import Fitted, Parts
from atmbench.devices.roles import CashDispenser
from atmbench.drill.records import Devices


def fitted(devices: Devices) -> Fitted:
    """The builders of the devices that a drill wants."""
    modelled = Fitted()
    return Fitted(
        dispenser=_lcdm_4000 if devices.dispenser == "lcdm-4000" else modelled.dispenser,
    )


def _lcdm_4000(parts: Parts) -> CashDispenser:
    notes = {name: cassette.notes for name, cassette in parts.settings.named_cassettes().items()}
    words = Lcdm4000Words()
    plug = parts.plug("dispenser", "lcdm-4000", {"cassettes": dict.fromkeys(words.names, 0) | notes})
    plug.driver = driver = LcdmDispenser(
        notes,
        parts.values_minor,
        words=words,
        port=plug,
        machine=plug,
        agenda=parts.agenda,
        scene=parts.scene,
        customer=parts.customer,
    )
    return driver
