"""Programs of other people, started, driven and stopped: the targets that the suite can bring up by itself.

    programs/     a file a program; :data:`conformance.adapters.programs.CATALOGUE` has them by the schemes of their addresses
    server        what servers have in common            client, started_client   what clients have in common
    process       a program that runs                    listening                who listens where
    options       options of an address                  server_address           what a client must know
    control_lines a client that is driven in JSON lines; spice_gtk_driver is one
    guest, qmp    inside QEMU, and beside it             x_display                a display for clients with a window

Everything here is plain blocking Python, and knows nothing of cases.
"""
