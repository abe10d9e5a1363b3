"""One function per use case. Views, the API, the command line and jobs call them and write nothing themselves."""
