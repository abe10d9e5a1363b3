"""The rules on what is read: values, searches, time stamps, keys, lists."""

from __future__ import annotations

from brygga.check.rules.rule import Rule, Severity

_ERROR, _NOTE, _WARNING = Severity.ERROR, Severity.NOTE, Severity.WARNING

VALUES = (
    Rule(
        "V1",
        "Actors carry only the fields that were asked for",
        "The CRM side asks for what is mapped; the rest costs time, and may be what nobody should see.",
        _WARNING,
        2,
    ),
    Rule("V2", "Values are texts", "Nothing else can travel.", _ERROR, 5),
    Rule(
        "V3",
        "Integers, doubles and checkboxes can be read as what they are",
        "A number in the form of one country is another number, or none, elsewhere.",
        _ERROR,
        5,
    ),
    Rule(
        "V4",
        "Date-times can be read and have no time zone",
        "Day and month swap places, or the clock moves, without anybody noticing.",
        _ERROR,
        5,
    ),
    Rule(
        "V5",
        "Values are written in the form of the contract, with their marker",
        "Other forms are understood by lenient readers only.",
        _WARNING,
        5,
    ),
    Rule(
        "V6",
        "Values are no longer than the field allows",
        "What comes from the ERP would be refused when it goes back there.",
        _WARNING,
        4,
    ),
    Rule(
        "V7",
        "Values have no characters that XML can't carry",
        "One such character makes a whole answer unreadable over SOAP.",
        _ERROR,
        6,
    ),
    Rule(
        "V8",
        "An actor has the same values whichever operation reads it",
        "A difference looks like a change in the ERP, and is synced as one.",
        _ERROR,
        4,
    ),
    Rule(
        "V9",
        "Asking for fewer fields gives the same values of these",
        "Mapping one field more or less must not change the others.",
        _ERROR,
        2,
    ),
)
SEARCH = (
    Rule("S1", "An empty search text finds all actors", "Import and linking start from the full listing.", _ERROR, 2),
    Rule(
        "S2",
        "A free text finds the actors that have it",
        "A user who looks for a record to link does not find it and creates it twice.",
        _ERROR,
        2,
    ),
    Rule(
        "S3",
        "A free text that occurs nowhere finds nothing, without a failure",
        "Results that have nothing to do with the text invite wrong links.",
        _ERROR,
        2,
    ),
    Rule(
        "S4",
        "Special characters in a free text stand for themselves",
        "A wildcard or a quote that means something to the ERP finds too much, or breaks the query.",
        _ERROR,
        2,
    ),
    Rule(
        "S5",
        "The operators on texts find what they should",
        "Filters of import and of linking decide on records by them.",
        _ERROR,
        4,
    ),
    Rule(
        "S6",
        "Texts are compared in any case",
        "Otherwise `kvarnen` does not find `Kvarnen`, and the company is created twice.",
        _ERROR,
        4,
    ),
    Rule(
        "S7",
        "The operators on integers and doubles find what they should",
        "Numbers compared as texts put 10 before 9.",
        _ERROR,
        4,
    ),
    Rule(
        "S8", "The operator on checkboxes finds what it should", "Active and inactive records change places.", _ERROR, 4
    ),
    Rule(
        "S9",
        "The operators on lists find what they should",
        "Filters by group or category let the wrong records through.",
        _ERROR,
        4,
    ),
    Rule(
        "S10",
        "The operators on date-times find what they should",
        "Filters by date miss records at their ends.",
        _ERROR,
        4,
    ),
    Rule(
        "S11",
        "All restrictions of a search must hold",
        "Joined by 'or', a filter lets through what it should keep out.",
        _ERROR,
        4,
    ),
    Rule(
        "S12",
        "The parent can be searched by ParentErpKey and ParentActorType",
        "Contacts are found by their company.",
        _ERROR,
        4,
    ),
    Rule("S13", "A search without restrictions finds all actors", "No filter means everything.", _ERROR, 4),
    Rule(
        "S14",
        "A search by an unknown field is refused with UNKOWN_FIELDKEY",
        "A restriction that is silently ignored finds everything.",
        _ERROR,
        3,
    ),
    Rule(
        "S15",
        "A search by an unknown operator is refused",
        "An operator that is silently ignored finds the wrong records.",
        _ERROR,
        4,
    ),
    Rule(
        "S16",
        "A search with an operand of the wrong type is refused, or finds nothing",
        "Text where a number belongs must not find everything.",
        _ERROR,
        4,
    ),
)
STAMPS = (
    Rule(
        "T1",
        "No stamp is empty",
        "Changes are found by LastModified alone; an actor without it is never synced again.",
        _ERROR,
        4,
    ),
    Rule(
        "T2",
        "Stamps can be ordered across all actors of the connection",
        "One position is kept for all types; numbers among texts, or dates that do not sort as text, lose changes.",
        _ERROR,
        4,
    ),
    Rule("T3", "An empty stamp gives all actors", "The first sync asks for everything that way.", _ERROR, 2),
    Rule(
        "T4",
        "The actors of a stamp are those on or after it",
        "Taken for 'after', what changed within the same moment is lost; if older ones come, work is done in vain.",
        _ERROR,
        2,
    ),
    Rule(
        "T5",
        "An actor has the same stamp whichever operation reads it",
        "Another stamp looks like a change.",
        _ERROR,
        4,
    ),
    Rule("T6", "Reading does not change stamps", "Every run would find all actors changed.", _ERROR, 4),
    Rule("T7", "Changed actors come oldest first", "A run that is interrupted can go on where it stopped.", _NOTE, 2),
)
KEYS = (
    Rule("K1", "Every actor has a key", "An actor without a key can't be linked.", _ERROR, 4),
    Rule(
        "K2",
        "No two actors of a type share a key",
        "Type and key identify an actor; of two that share them, one is never synced.",
        _ERROR,
        4,
    ),
    Rule(
        "K3",
        "Actors are of the type that was asked for",
        "They would be linked to the wrong kind of record.",
        _ERROR,
        4,
    ),
    Rule(
        "K4",
        "Keys are the same each time",
        "Links are kept by key; a new key makes a known record a stranger.",
        _ERROR,
        4,
    ),
    Rule(
        "K5",
        "Actors are got by their keys, each once and no others",
        "The sync reads what it has linked that way.",
        _ERROR,
        2,
    ),
    Rule(
        "K6",
        "Unknown keys are left out of the answer",
        "One deleted record must not fail a batch, nor come back as another.",
        _ERROR,
        2,
    ),
    Rule(
        "K7",
        "Keys in pages give the same actors as all at once",
        "A sync works in pages; their size must not matter.",
        _ERROR,
        2,
    ),
    Rule("K8", "No keys give no actors", "Otherwise an empty page brings the whole ERP.", _WARNING, 2),
    Rule(
        "K9", "A parent has both a type and a key, and the type is on offer", "Half a parent can't be found.", _ERROR, 4
    ),
    Rule("K10", "Parents exist", "A contact whose company is missing can't be linked to one.", _WARNING, 4),
    Rule(
        "K11",
        "A search by parent finds the children of that parent, and no others",
        "Contacts would appear under another company.",
        _ERROR,
        2,
    ),
    Rule("K12", "A search by an unknown parent finds nothing", "Otherwise all contacts appear under it.", _ERROR, 2),
)
LISTS = (
    Rule(
        "L1",
        "Every list that a field names can be read and has items",
        "The administrator maps list items; without them nothing can be mapped.",
        _ERROR,
        2,
    ),
    Rule(
        "L2",
        "List items have a key and a text",
        "An item without a key can't be stored, one without a text can't be chosen.",
        _ERROR,
        2,
    ),
    Rule(
        "L3",
        "List items asked for by key are the same as in the whole list",
        "Two texts for one key make two items of one.",
        _ERROR,
        2,
    ),
    Rule(
        "L4",
        "Unknown list items are left out, or refused with UNKOWN_LISTITEM_ID",
        "A made-up item hides that a value is wrong.",
        _ERROR,
        3,
    ),
    Rule(
        "L5",
        "List values of actors are keys of their list",
        "A value without an item can't be mapped, and the field is not synced.",
        _WARNING,
        4,
    ),
    Rule(
        "L6", "An unknown list is refused, or has no items", "The items of another list would be mapped.", _WARNING, 2
    ),
)
