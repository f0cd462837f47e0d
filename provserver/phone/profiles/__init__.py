"""The vendors whose phones can be played; a new one is a module here and a row."""

from provserver.phone.profiles import yealink

PROFILES = {"yealink": yealink.PROFILE}
