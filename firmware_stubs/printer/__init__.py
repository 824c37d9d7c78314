"""A receipt printer that speaks ESC/POS, with the real-time status of counter printers or of kiosk printers."""
