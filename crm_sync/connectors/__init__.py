"""One module or folder per CRM, found through the entry points `filodiretto.connectors`."""
