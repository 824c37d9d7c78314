"""Which driver stands for which machine that a drill names, and how the machine is set up for a terminal."""

from functools import partial

from atmbench.devices.escpos_printer import EscPosPrinter
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_words import Lcdm4000Words
from atmbench.devices.outfit import Fitted, Parts
from atmbench.devices.roles import CashDispenser, ReceiptPrinter
from atmbench.drill.records import Devices


def fitted(devices: Devices) -> Fitted:
    """The builders of the devices that a drill wants."""
    modelled = Fitted()
    return Fitted(
        dispenser=partial(_lcdm_4000, devices) if devices.dispenser == "lcdm-4000" else modelled.dispenser,
        printer=_esc_pos if devices.printer == "esc-pos" else modelled.printer,
    )


def _lcdm_4000(devices: Devices, parts: Parts) -> CashDispenser:
    notes = {name: cassette.notes for name, cassette in parts.settings.named_cassettes().items()}
    words = Lcdm4000Words()
    settings = {
        "cassettes": dict.fromkeys(words.names, 0) | notes,
        "last_status_survives": devices.last_status_survives,
    }
    plug = parts.plug("dispenser", "lcdm-4000", settings)
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


def _esc_pos(parts: Parts) -> ReceiptPrinter:
    plug = parts.plug("printer", "esc-pos", {})
    plug.driver = driver = EscPosPrinter(port=plug, machine=plug, agenda=parts.agenda, scene=parts.scene)
    return driver
