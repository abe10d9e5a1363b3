"""The use cases of the CRM, one plain function each. They raise the errors of `brygga.crm.errors`."""
