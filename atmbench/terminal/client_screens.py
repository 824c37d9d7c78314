"""What a client of online or mobile banking shows: the screens of a terminal without card, cash, paper and machine.

A line that makes no sense without them is said otherwise or left out; every other line stays. This module must never
say anything of money that the terminal's screen does not say.
"""

from msgspec.structs import replace

from atmbench.terminal.effects import ShowScreen

SAID_OTHERWISE: dict[str, str] = {
    "Please insert your card.": "Please choose a service.",
    "Please take your card.": "",
    "Insert your card again and try once more.": "Please try once more.",
    "Your bank does not know this card.": "Your bank does not know this access.",
    "This card has expired.": "This access has expired.",
    "This card may not be used for that.": "This access may not be used for that.",
    "This card has no account of that kind.": "You have no account of that kind.",
    "This is more than your card may take today.": "This is more than you may move today.",
    "Your card was used as often as it may be today.": "You have done this as often as you may today.",
    "Your bank has asked us to keep this card.": "Your bank has blocked this access.",
    "The chip of this card was not accepted.": "This access was not accepted.",
    "Your card did not accept the bank's answer.": "The bank's answer was not accepted.",
    "This machine cannot serve you at the moment.": "This service is not available at the moment.",
    "This machine is out of service.": "This service is not available.",
    "This machine is closed for maintenance.": "This service is closed for maintenance.",
    "This machine is starting.": "This service is starting.",
    "back automatically. Please keep your receipt.": "back automatically.",
}
"""A line of a terminal's screen to what a client says; empty leaves it out."""


def for_client(screen: ShowScreen) -> ShowScreen:
    """The same screen on a client."""
    lines = (SAID_OTHERWISE.get(line, line) for line in screen.lines)
    states = replace(screen.states, card="") if screen.states is not None else None
    return ShowScreen(screen.screen, tuple(line for line in lines if line), states)
