"""What a client can put into a guest's USB socket.

cd.py           a CD drive: descriptors, and what is below put together
bulk_only.py    commands and their data on two bulk endpoints (USB Mass Storage Bulk-Only Transport 1.0)
scsi.py         the commands of a CD drive (SCSI primary commands and MMC)
disc.py         a disc, and the drive that it is in or not
redirected.py   what a usbredir channel carries: a device of this client, or a socket of somebody else's
"""
