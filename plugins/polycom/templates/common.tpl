{% extends "parameters.tpl" %}
