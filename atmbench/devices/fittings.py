"""Which driver stands for which machine that a drill names, and how the machine is set up for a terminal."""

from functools import partial

from atmbench import money
from atmbench.devices.b2b_note_acceptor import BillToBillAcceptor
from atmbench.devices.ccnet_note_acceptor import CcnetNoteAcceptor
from atmbench.devices.escpos_journal import EscPosJournal
from atmbench.devices.escpos_printer import EscPosPrinter
from atmbench.devices.escpos_words import CODE_PAGES
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_words import Lcdm4000Words
from atmbench.devices.omron_card_reader import OmronCardReader
from atmbench.devices.outfit import Fitted, Parts
from atmbench.devices.pin_pad import Injected
from atmbench.devices.roles import (
    CardMover,
    CashDispenser,
    EncryptingPinPad,
    JournalPrinter,
    NoteAcceptor,
    ReceiptPrinter,
)
from atmbench.devices.szzt_role import SzztRole
from atmbench.drill.records import Devices

CCNET_NOTES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""The notes that a validator or recycler knows, in whole units of the currency. Our choice."""


def fitted(devices: Devices) -> Fitted:
    """The builders of the devices that a drill wants."""
    modelled = Fitted()
    return Fitted(
        dispenser=partial(_lcdm_4000, devices) if devices.dispenser == "lcdm-4000" else modelled.dispenser,
        printer=partial(_esc_pos, devices) if devices.printer == "esc-pos" else modelled.printer,
        journal_printer=partial(_journal, devices)
        if devices.journal_printer == "esc-pos"
        else modelled.journal_printer,
        card_reader=_omron_3s4yr if devices.card_reader == "omron-3s4yr" else modelled.card_reader,
        pin_pad=_zt598 if devices.pin_pad == "zt598" else modelled.pin_pad,
        acceptor=ACCEPTORS.get(devices.note_acceptor, modelled.acceptor),
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


def _esc_pos(devices: Devices, parts: Parts) -> ReceiptPrinter:
    plug = parts.plug("printer", "esc-pos", {})
    plug.driver = driver = EscPosPrinter(
        port=plug, machine=plug, agenda=parts.agenda, scene=parts.scene, page=CODE_PAGES[devices.code_page]
    )
    return driver


def _journal(devices: Devices, parts: Parts) -> JournalPrinter:
    plug = parts.plug("journal_printer", "esc-pos", {})
    plug.driver = driver = EscPosJournal(
        port=plug, machine=plug, agenda=parts.agenda, scene=parts.scene, page=CODE_PAGES[devices.code_page]
    )
    return driver


def _ccnet(driver: type[CcnetNoteAcceptor | BillToBillAcceptor], device: str, parts: Parts) -> NoteAcceptor:
    decimals = money.exponent(parts.currency)
    settings = {
        "bills_minor": [note * 10**decimals for note in CCNET_NOTES],
        "letters": parts.currency,
        "decimals": decimals,
    }
    plug = parts.plug("note_acceptor", device, settings)
    plug.driver = acceptor = driver(
        currency=parts.currency,
        letters=parts.currency,
        port=plug,
        machine=plug,
        agenda=parts.agenda,
        scene=parts.scene,
    )
    return acceptor


ACCEPTORS = {
    "ccnet": partial(_ccnet, CcnetNoteAcceptor, "ccnet"),
    "bill-to-bill": partial(_ccnet, BillToBillAcceptor, "bill-to-bill"),
}


def _zt598(parts: Parts, injected: Injected) -> EncryptingPinPad:
    plug = parts.plug("pin_pad", "zt598", {})
    role = SzztRole(
        injected,
        port=plug,
        machine=plug,
        agenda=parts.agenda,
        scene=parts.scene,
        types_after_s=parts.customer.types_pin_after_s,
    )
    plug.driver = role.driver
    return role


def _omron_3s4yr(parts: Parts) -> CardMover:
    plug = parts.plug("card_reader", "omron-3s4yr", {})
    plug.driver = driver = OmronCardReader(
        port=plug, machine=plug, agenda=parts.agenda, scene=parts.scene, customer=parts.customer
    )
    return driver
