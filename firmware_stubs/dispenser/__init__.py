"""A cash dispenser as Puloon's LCDM-4000, LCDM-1000 or LCDM-2000, with the presenter that an ATM puts before it."""
