"""Texts about what can't be written: English, Swedish, Danish, German, Norwegian, Dutch."""

from __future__ import annotations

WRITING: dict[str, tuple[str, ...]] = {
    "open_by": (
        "“{name}” is open by {owner}. Nothing was written: close the file there and try again. If nobody has it open, "
        "delete the left-over file “{mark}” beside it.",
        "”{name}” är öppen hos {owner}. Inget skrevs: stäng filen där och försök igen. Om ingen har den öppen, ta bort "
        "den kvarglömda filen ”{mark}” bredvid.",
        "»{name}« er åben hos {owner}. Intet blev skrevet: luk filen dér, og prøv igen. Hvis ingen har den åben, så "
        "slet den efterladte fil »{mark}« ved siden af.",
        "„{name}“ ist bei {owner} geöffnet. Es wurde nichts geschrieben: Schließen Sie die Datei dort und versuchen "
        "Sie es erneut. Hat sie niemand geöffnet, löschen Sie die übrig gebliebene Datei „{mark}“ daneben.",
        "«{name}» er åpen hos {owner}. Ingenting ble skrevet: lukk filen der og prøv igjen. Hvis ingen har den åpen, "
        "slett den gjenglemte filen «{mark}» ved siden av.",
        "‘{name}’ is geopend door {owner}. Er is niets geschreven: sluit het bestand daar en probeer het opnieuw. "
        "Heeft niemand het open, verwijder dan het achtergebleven bestand ‘{mark}’ ernaast.",
    ),
    "another_program": (
        "another program", "ett annat program", "et andet program", "einem anderen Programm", "et annet program",
        "een ander programma",
    ),
    "unwritable": (
        "“{name}” can't be written ({reason}). Nothing was changed: check that the server may write the file and its "
        "folder, that no program has it open, and that the disk is not full.",
        "”{name}” kan inte skrivas ({reason}). Inget ändrades: kontrollera att servern får skriva till filen och "
        "mappen, att inget program har den öppen och att disken inte är full.",
        "»{name}« kan ikke skrives ({reason}). Intet blev ændret: kontrollér, at serveren må skrive til filen og "
        "mappen, at intet program har den åben, og at disken ikke er fuld.",
        "„{name}“ ist nicht beschreibbar ({reason}). Es wurde nichts geändert: Prüfen Sie, ob der Server Datei und "
        "Ordner beschreiben darf, ob ein Programm sie geöffnet hat und ob die Festplatte voll ist.",
        "«{name}» kan ikke skrives ({reason}). Ingenting ble endret: kontroller at serveren kan skrive til filen og "
        "mappen, at intet program har den åpen, og at disken ikke er full.",
        "‘{name}’ kan niet worden geschreven ({reason}). Er is niets gewijzigd: controleer of de server in het bestand "
        "en de map mag schrijven, of geen programma het open heeft en of de schijf niet vol is.",
    ),
    "always_changed": (
        "“{name}” is being changed all the time by somebody else. Try again later.",
        "”{name}” ändras hela tiden av någon annan. Försök igen senare.",
        "»{name}« ændres hele tiden af en anden. Prøv igen senere.",
        "„{name}“ wird ständig von jemand anderem geändert. Versuchen Sie es später noch einmal.",
        "«{name}» endres hele tiden av noen andre. Prøv igjen senere.",
        "‘{name}’ wordt voortdurend door iemand anders gewijzigd. Probeer het later opnieuw.",
    ),
    "lacking_character": (
        "The character “{character}” can't be written to “{name}”, which is in {encoding}; nothing was written. Save "
        "the file as UTF-8.",
        "Tecknet ”{character}” kan inte skrivas till ”{name}”, som är i {encoding}; inget skrevs. Spara filen som "
        "UTF-8.",
        "Tegnet »{character}« kan ikke skrives til »{name}«, som er i {encoding}; intet blev skrevet. Gem filen som "
        "UTF-8.",
        "Das Zeichen „{character}“ kann nicht in „{name}“ geschrieben werden, denn die Datei ist in {encoding}; es "
        "wurde nichts geschrieben. Speichern Sie sie als UTF-8.",
        "Tegnet «{character}» kan ikke skrives til «{name}», som er i {encoding}; ingenting ble skrevet. Lagre filen "
        "som UTF-8.",
        "Het teken ‘{character}’ kan niet worden geschreven in ‘{name}’, want dat is in {encoding}; er is niets "
        "geschreven. Sla het bestand op als UTF-8.",
    ),
    "no_row": (
        "“{table}” has no row with the ID {key}; it was not saved.",
        "”{table}” har ingen rad med ID {key}; den sparades inte.",
        "»{table}« har ingen række med ID {key}; den blev ikke gemt.",
        "„{table}“ hat keine Zeile mit der ID {key}; sie wurde nicht gespeichert.",
        "«{table}» har ingen rad med ID {key}; den ble ikke lagret.",
        "‘{table}’ heeft geen rij met ID {key}; die is niet opgeslagen.",
    ),
    "same_id": (
        "The ID {key} occurs more than once in “{table}”; nothing was written. Give each row an ID of its own.",
        "ID {key} förekommer mer än en gång i ”{table}”; inget skrevs. Ge varje rad ett eget ID.",
        "ID {key} forekommer mere end én gang i »{table}«; intet blev skrevet. Giv hver række sit eget ID.",
        "Die ID {key} kommt in „{table}“ mehrmals vor; es wurde nichts geschrieben. Geben Sie jeder Zeile eine eigene.",
        "ID {key} forekommer mer enn én gang i «{table}»; ingenting ble skrevet. Gi hver rad sin egen ID.",
        "De ID {key} komt meermaals voor in ‘{table}’; er is niets geschreven. Geef elke rij een eigen ID.",
    ),
    "new_record": (
        "the new {type}", "ny {type}", "ny {type}", "neu: {type}", "ny {type}", "nieuw: {type}",
    ),
    "mandatory": (
        "“{field}” ({record}) must have a value; nothing was written.",
        "”{field}” ({record}) måste ha ett värde; inget skrevs.",
        "»{field}« ({record}) skal have en værdi; intet blev skrevet.",
        "„{field}“ ({record}) braucht einen Wert; es wurde nichts geschrieben.",
        "«{field}» ({record}) må ha en verdi; ingenting ble skrevet.",
        "‘{field}’ ({record}) moet een waarde hebben; er is niets geschreven.",
    ),
    "read_only": (
        "“{field}” ({record}) is read-only; nothing was written.",
        "”{field}” ({record}) är skrivskyddat; inget skrevs.",
        "»{field}« ({record}) er skrivebeskyttet; intet blev skrevet.",
        "„{field}“ ({record}) ist schreibgeschützt; es wurde nichts geschrieben.",
        "«{field}» ({record}) er skrivebeskyttet; ingenting ble skrevet.",
        "‘{field}’ ({record}) is alleen-lezen; er is niets geschreven.",
    ),
    "formula": (
        "“{field}” ({record}) holds a formula and is not overwritten; nothing was written.",
        "”{field}” ({record}) innehåller en formel och skrivs inte över; inget skrevs.",
        "»{field}« ({record}) indeholder en formel og overskrives ikke; intet blev skrevet.",
        "„{field}“ ({record}) enthält eine Formel und wird nicht überschrieben; es wurde nichts geschrieben.",
        "«{field}» ({record}) inneholder en formel og overskrives ikke; ingenting ble skrevet.",
        "‘{field}’ ({record}) bevat een formule en wordt niet overschreven; er is niets geschreven.",
    ),
    "too_long": (
        "“{field}” ({record}) is longer than the {limit} characters allowed; nothing was written.",
        "”{field}” ({record}) är längre än de {limit} tecken som tillåts; inget skrevs.",
        "»{field}« ({record}) er længere end de tilladte {limit} tegn; intet blev skrevet.",
        "„{field}“ ({record}) ist länger als die erlaubten {limit} Zeichen; es wurde nichts geschrieben.",
        "«{field}» ({record}) er lengre enn de {limit} tegnene som er tillatt; ingenting ble skrevet.",
        "‘{field}’ ({record}) is langer dan de toegestane {limit} tekens; er is niets geschreven.",
    ),
    "bad_value": (
        "“{field}” ({record}): “{value}” does not fit the type of the field; nothing was written. Correct the value.",
        "”{field}” ({record}): ”{value}” passar inte fältets typ; inget skrevs. Rätta värdet.",
        "»{field}« ({record}): »{value}« passer ikke til feltets type; intet blev skrevet. Ret værdien.",
        "„{field}“ ({record}): „{value}“ passt nicht zum Typ des Feldes; es wurde nichts geschrieben. Korrigieren Sie "
        "den Wert.",
        "«{field}» ({record}): «{value}» passer ikke til feltets type; ingenting ble skrevet. Rett verdien.",
        "‘{field}’ ({record}): ‘{value}’ past niet bij het type van het veld; er is niets geschreven. Verbeter de "
        "waarde.",
    ),
    "no_item": (
        "“{field}” ({record}): the list {list} has no item “{value}”; nothing was written.",
        "”{field}” ({record}): listan {list} har inget element ”{value}”; inget skrevs.",
        "»{field}« ({record}): listen {list} har intet element »{value}«; intet blev skrevet.",
        "„{field}“ ({record}): Die Liste {list} hat kein Element „{value}“; es wurde nichts geschrieben.",
        "«{field}» ({record}): listen {list} har ikke noe element «{value}»; ingenting ble skrevet.",
        "‘{field}’ ({record}): de lijst {list} heeft geen item ‘{value}’; er is niets geschreven.",
    ),
    "no_parent_columns": (
        "“{table}” has no columns ParentType and ParentID; nothing was written.",
        "”{table}” saknar kolumnerna ParentType och ParentID; inget skrevs.",
        "»{table}« mangler kolonnerne ParentType og ParentID; intet blev skrevet.",
        "„{table}“ hat keine Spalten ParentType und ParentID; es wurde nichts geschrieben.",
        "«{table}» mangler kolonnene ParentType og ParentID; ingenting ble skrevet.",
        "‘{table}’ heeft geen kolommen ParentType en ParentID; er is niets geschreven.",
    ),
    "no_parent": (
        "There is no {type} {key} to belong to; nothing was written.",
        "Det finns ingen {type} {key} att höra till; inget skrevs.",
        "Der er ingen {type} {key} at høre til; intet blev skrevet.",
        "Es gibt keinen Eintrag {type} {key}, zu dem der neue gehören könnte; es wurde nichts geschrieben.",
        "Det finnes ingen {type} {key} å høre til; ingenting ble skrevet.",
        "Er is geen {type} {key} om bij te horen; er is niets geschreven.",
    ),
    "unknown_columns": (
        "“{table}” has no column {columns}; nothing was written. Refresh the fields of the connection.",
        "”{table}” har ingen kolumn {columns}; inget skrevs. Uppdatera kopplingens fält.",
        "»{table}« har ingen kolonne {columns}; intet blev skrevet. Opdater linkets felter.",
        "„{table}“ hat keine Spalte {columns}; es wurde nichts geschrieben. Aktualisieren Sie die Felder der "
        "Verbindung.",
        "«{table}» har ingen kolonne {columns}; ingenting ble skrevet. Oppdater koblingens felt.",
        "‘{table}’ heeft geen kolom {columns}; er is niets geschreven. Vernieuw de velden van de verbinding.",
    ),
    "cell": (
        "sheet “{sheet}”, cell {cell}", "blad ”{sheet}”, cell {cell}", "ark »{sheet}«, celle {cell}",
        "Blatt „{sheet}“, Zelle {cell}", "ark «{sheet}», celle {cell}", "blad ‘{sheet}’, cel {cell}",
    ),
    "cell_formula": (
        "A formula stands here and can't be overwritten: {cell}. Nothing was written.",
        "Här står en formel som inte kan skrivas över: {cell}. Inget skrevs.",
        "Her står en formel, som ikke kan overskrives: {cell}. Intet blev skrevet.",
        "Hier steht eine Formel, die nicht überschrieben werden kann: {cell}. Es wurde nichts geschrieben.",
        "Her står en formel som ikke kan overskrives: {cell}. Ingenting ble skrevet.",
        "Hier staat een formule die niet kan worden overschreven: {cell}. Er is niets geschreven.",
    ),
    "cell_too_long": (
        "The text is longer than the {limit} characters that a cell holds: {cell}. Shorten it.",
        "Texten är längre än de {limit} tecken som en cell rymmer: {cell}. Förkorta den.",
        "Teksten er længere end de {limit} tegn, som en celle rummer: {cell}. Forkort den.",
        "Der Text ist länger als die {limit} Zeichen, die eine Zelle fasst: {cell}. Kürzen Sie ihn.",
        "Teksten er lengre enn de {limit} tegnene som en celle rommer: {cell}. Forkort den.",
        "De tekst is langer dan de {limit} tekens die een cel kan bevatten: {cell}. Kort de tekst in.",
    ),
    "cell_control": (
        "The text has control characters, which a workbook can't hold: {cell}. Remove them.",
        "Texten har styrtecken, som en arbetsbok inte kan innehålla: {cell}. Ta bort dem.",
        "Teksten har kontroltegn, som en projektmappe ikke kan indeholde: {cell}. Fjern dem.",
        "Der Text hat Steuerzeichen, die eine Arbeitsmappe nicht enthalten kann: {cell}. Entfernen Sie sie.",
        "Teksten har kontrolltegn, som en arbeidsbok ikke kan inneholde: {cell}. Fjern dem.",
        "De tekst heeft besturingstekens, die een werkmap niet kan bevatten: {cell}. Verwijder ze.",
    ),
    "cell_date": (
        "The date is before March 1900, which a workbook can't hold: {cell}. Correct it.",
        "Datumet ligger före mars 1900, vilket en arbetsbok inte klarar: {cell}. Rätta det.",
        "Datoen ligger før marts 1900, hvad en projektmappe ikke kan indeholde: {cell}. Ret den.",
        "Das Datum liegt vor März 1900, was eine Arbeitsmappe nicht darstellen kann: {cell}. Korrigieren Sie es.",
        "Datoen ligger før mars 1900, noe en arbeidsbok ikke kan inneholde: {cell}. Rett den.",
        "De datum ligt vóór maart 1900, wat een werkmap niet kan bevatten: {cell}. Verbeter de datum.",
    ),
}  # fmt: skip
