{% extends "settings.tpl" %}
