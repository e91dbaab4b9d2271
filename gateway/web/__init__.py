"""HTTP: REST, WebSocket, sign-in and the page."""
