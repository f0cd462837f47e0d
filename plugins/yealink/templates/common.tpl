#!version:1.0.0.1
static.auto_provision.server.url = {{ base_url }}/
