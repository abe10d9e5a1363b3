"""The Django site: settings, addresses and the WSGI application. The top room: nothing imports it."""
