"""Texts about files and folders, and about reading from them: English, Swedish, Danish, German, Norwegian, Dutch."""

from __future__ import annotations

READING: dict[str, tuple[str, ...]] = {
    "workbook": (
        "Excel workbook", "Excel-arbetsbok", "Excel-projektmappe", "Excel-Arbeitsmappe", "Excel-arbeidsbok",
        "Excel-werkmap",
    ),
    "workbook_description": (
        "An .xlsx or .xlsm file with a sheet for each actor type and each list.",
        "En .xlsx- eller .xlsm-fil med ett blad för varje aktörtyp och varje lista.",
        "En .xlsx- eller .xlsm-fil med et ark for hver aktørtype og hver liste.",
        "Eine .xlsx- oder .xlsm-Datei mit einem Blatt je Aktortyp und je Liste.",
        "En .xlsx- eller .xlsm-fil med et ark for hver aktørtype og hver liste.",
        "Een .xlsx- of .xlsm-bestand met een blad voor elk actor-type en elke lijst.",
    ),
    "workbook_path": ("File name", "Filnamn", "Filnavn", "Dateiname", "Filnavn", "Bestandsnaam"),
    "workbook_path_help": (
        "The workbook's path, below the data directory or absolute.",
        "Arbetsbokens sökväg, under datakatalogen eller absolut.",
        "Projektmappens sti, under datamappen eller absolut.",
        "Der Pfad der Arbeitsmappe, unterhalb des Datenverzeichnisses oder absolut.",
        "Arbeidsbokens bane, under datakatalogen eller absolutt.",
        "Het pad van de werkmap, onder de gegevensmap of absoluut.",
    ),
    "csv": ("CSV files", "CSV-filer", "CSV-filer", "CSV-Dateien", "CSV-filer", "CSV-bestanden"),
    "csv_description": (
        "A folder with a .csv file for each actor type and each list.",
        "En mapp med en .csv-fil för varje aktörtyp och varje lista.",
        "En mappe med en .csv-fil for hver aktørtype og hver liste.",
        "Ein Ordner mit einer .csv-Datei je Aktortyp und je Liste.",
        "En mappe med en .csv-fil for hver aktørtype og hver liste.",
        "Een map met een .csv-bestand voor elk actor-type en elke lijst.",
    ),
    "csv_path": ("Folder", "Mapp", "Mappe", "Ordner", "Mappe", "Map"),
    "csv_path_help": (
        "The folder's path, below the data directory or absolute.",
        "Mappens sökväg, under datakatalogen eller absolut.",
        "Mappens sti, under datamappen eller absolut.",
        "Der Pfad des Ordners, unterhalb des Datenverzeichnisses oder absolut.",
        "Mappens bane, under datakatalogen eller absolutt.",
        "Het pad van de map, onder de gegevensmap of absoluut.",
    ),
    "found": ("Found {tables}.", "Hittade {tables}.", "Fandt {tables}.", "Gefunden: {tables}.", "Fant {tables}.",
              "Gevonden: {tables}."),
    "no_path": (
        "“{path}” is not a path. Give a path below the data directory or an absolute one.",
        "”{path}” är ingen sökväg. Ange en sökväg under datakatalogen eller en absolut.",
        "»{path}« er ikke en sti. Angiv en sti under datamappen eller en absolut sti.",
        "„{path}“ ist kein Pfad. Geben Sie einen Pfad unterhalb des Datenverzeichnisses oder einen absoluten an.",
        "«{path}» er ingen bane. Angi en bane under datakatalogen eller en absolutt bane.",
        "‘{path}’ is geen pad. Geef een pad onder de gegevensmap op, of een absoluut pad.",
    ),
    "outside": (
        "“{path}” lies outside the directories that connectors may use. Move it below the data directory, or ask the "
        "administrator to allow its directory (BRYGGA_FILE_ROOTS).",
        "”{path}” ligger utanför de kataloger som connectorer får använda. Flytta den till datakatalogen, eller be "
        "administratören att tillåta katalogen (BRYGGA_FILE_ROOTS).",
        "»{path}« ligger uden for de mapper, som connectorer må bruge. Flyt den til datamappen, eller bed "
        "administratoren om at tillade mappen (BRYGGA_FILE_ROOTS).",
        "„{path}“ liegt außerhalb der Verzeichnisse, die Connectors benutzen dürfen. Verschieben Sie es in das "
        "Datenverzeichnis, oder lassen Sie das Verzeichnis vom Administrator freigeben (BRYGGA_FILE_ROOTS).",
        "«{path}» ligger utenfor katalogene som connectorer kan bruke. Flytt den til datakatalogen, eller be "
        "administratoren om å tillate katalogen (BRYGGA_FILE_ROOTS).",
        "‘{path}’ ligt buiten de mappen die connectors mogen gebruiken. Verplaats het naar de gegevensmap, of vraag de "
        "beheerder de map toe te staan (BRYGGA_FILE_ROOTS).",
    ),
    "no_file": (
        "“{name}” is not a file. Choose a file.",
        "”{name}” är ingen fil. Välj en fil.",
        "»{name}« er ikke en fil. Vælg en fil.",
        "„{name}“ ist keine Datei. Wählen Sie eine Datei.",
        "«{name}» er ikke en fil. Velg en fil.",
        "‘{name}’ is geen bestand. Kies een bestand.",
    ),
    "too_large": (
        "“{name}” is larger than {limit} MB. Split it up.",
        "”{name}” är större än {limit} MB. Dela upp den.",
        "»{name}« er større end {limit} MB. Del den op.",
        "„{name}“ ist größer als {limit} MB. Teilen Sie die Datei auf.",
        "«{name}» er større enn {limit} MB. Del den opp.",
        "‘{name}’ is groter dan {limit} MB. Splits het bestand.",
    ),
    "not_found": (
        "“{name}” was not found. Check the name, and that it has not been moved or renamed.",
        "”{name}” hittades inte. Kontrollera namnet, och att den inte har flyttats eller bytt namn.",
        "»{name}« blev ikke fundet. Kontrollér navnet, og at den ikke er flyttet eller omdøbt.",
        "„{name}“ wurde nicht gefunden. Prüfen Sie den Namen, und ob es verschoben oder umbenannt wurde.",
        "«{name}» ble ikke funnet. Kontroller navnet, og at den ikke er flyttet eller har fått nytt navn.",
        "‘{name}’ is niet gevonden. Controleer de naam, en of het niet is verplaatst of hernoemd.",
    ),
    "no_right": (
        "“{name}” can't be read: it is locked by another program, or the server lacks the right to read it.",
        "”{name}” kan inte läsas: den är låst av ett annat program, eller så saknar servern läsrättighet.",
        "»{name}« kan ikke læses: den er låst af et andet program, eller serveren mangler ret til at læse den.",
        "„{name}“ ist nicht lesbar: Ein anderes Programm sperrt die Datei, oder dem Server fehlt das Leserecht.",
        "«{name}» kan ikke leses: den er låst av et annet program, eller serveren mangler leserettighet.",
        "‘{name}’ kan niet worden gelezen: een ander programma houdt het vast, of de server mist het leesrecht.",
    ),
    "unreadable": (
        "“{name}” can't be read ({reason}). Check the disk or network drive.",
        "”{name}” kan inte läsas ({reason}). Kontrollera disken eller nätverksenheten.",
        "»{name}« kan ikke læses ({reason}). Kontrollér disken eller netværksdrevet.",
        "„{name}“ ist nicht lesbar ({reason}). Prüfen Sie die Festplatte oder das Netzlaufwerk.",
        "«{name}» kan ikke leses ({reason}). Kontroller disken eller nettverksstasjonen.",
        "‘{name}’ kan niet worden gelezen ({reason}). Controleer de schijf of het netwerkstation.",
    ),
    "in_use": (
        "“{name}” is in use by another run. Try again in a moment.",
        "”{name}” används av en annan körning. Försök igen om en stund.",
        "»{name}« bruges af en anden kørsel. Prøv igen om et øjeblik.",
        "„{name}“ wird gerade von einem anderen Lauf benutzt. Versuchen Sie es gleich noch einmal.",
        "«{name}» er i bruk av en annen kjøring. Prøv igjen om et øyeblikk.",
        "‘{name}’ is in gebruik door een andere uitvoering. Probeer het zo dadelijk opnieuw.",
    ),
    "no_folder": (
        "The folder “{name}” was not found. Check the name.",
        "Mappen ”{name}” hittades inte. Kontrollera namnet.",
        "Mappen »{name}« blev ikke fundet. Kontrollér navnet.",
        "Der Ordner „{name}“ wurde nicht gefunden. Prüfen Sie den Namen.",
        "Mappen «{name}» ble ikke funnet. Kontroller navnet.",
        "De map ‘{name}’ is niet gevonden. Controleer de naam.",
    ),
    "folder_unreadable": (
        "The folder “{name}” can't be read. Check its rights.",
        "Mappen ”{name}” kan inte läsas. Kontrollera rättigheterna.",
        "Mappen »{name}« kan ikke læses. Kontrollér rettighederne.",
        "Der Ordner „{name}“ ist nicht lesbar. Prüfen Sie die Rechte.",
        "Mappen «{name}» kan ikke leses. Kontroller rettighetene.",
        "De map ‘{name}’ kan niet worden gelezen. Controleer de rechten.",
    ),
    "protected": (
        "“{name}” is protected by a password, or of the old .xls kind. Save it without password as .xlsx or .xlsm and "
        "try again.",
        "”{name}” är lösenordsskyddad eller av den gamla sorten .xls. Spara den utan lösenord som .xlsx eller .xlsm "
        "och försök igen.",
        "»{name}« er beskyttet med adgangskode eller af den gamle type .xls. Gem den uden adgangskode som .xlsx eller "
        ".xlsm, og prøv igen.",
        "„{name}“ ist durch ein Kennwort geschützt oder hat das alte Format .xls. Speichern Sie die Datei ohne "
        "Kennwort als .xlsx oder .xlsm und versuchen Sie es erneut.",
        "«{name}» er beskyttet med passord eller av den gamle typen .xls. Lagre den uten passord som .xlsx eller .xlsm "
        "og prøv igjen.",
        "‘{name}’ is beveiligd met een wachtwoord of heeft de oude indeling .xls. Sla het zonder wachtwoord op als "
        ".xlsx of .xlsm en probeer het opnieuw.",
    ),
    "unpacks": (
        "“{name}” unpacks to more than {limit} MB and is not opened. Split it up.",
        "”{name}” packas upp till mer än {limit} MB och öppnas inte. Dela upp den.",
        "»{name}« fylder mere end {limit} MB, når den pakkes ud, og åbnes ikke. Del den op.",
        "„{name}“ ist entpackt größer als {limit} MB und wird nicht geöffnet. Teilen Sie die Datei auf.",
        "«{name}» blir større enn {limit} MB når den pakkes ut, og åpnes ikke. Del den opp.",
        "‘{name}’ is uitgepakt groter dan {limit} MB en wordt niet geopend. Splits het bestand.",
    ),
    "damaged": (
        "“{name}” is damaged or is no Excel workbook (.xlsx, .xlsm). Open it in Excel and save it again, or restore it "
        "from a backup.",
        "”{name}” är skadad eller är ingen Excel-arbetsbok (.xlsx, .xlsm). Öppna den i Excel och spara den igen, eller "
        "återställ den från en säkerhetskopia.",
        "»{name}« er beskadiget eller er ikke en Excel-projektmappe (.xlsx, .xlsm). Åbn den i Excel, og gem den igen, "
        "eller gendan den fra en sikkerhedskopi.",
        "„{name}“ ist beschädigt oder keine Excel-Arbeitsmappe (.xlsx, .xlsm). Öffnen Sie die Datei in Excel und "
        "speichern Sie sie neu, oder stellen Sie sie aus einer Sicherung wieder her.",
        "«{name}» er skadet eller er ingen Excel-arbeidsbok (.xlsx, .xlsm). Åpne den i Excel og lagre den på nytt, "
        "eller gjenopprett den fra en sikkerhetskopi.",
        "‘{name}’ is beschadigd of geen Excel-werkmap (.xlsx, .xlsm). Open het in Excel en sla het opnieuw op, of zet "
        "een back-up terug.",
    ),
    "no_actor_table": (
        "“{name}” has no table named as an actor type ({types}). Name one so.",
        "”{name}” har ingen tabell som heter som en aktörtyp ({types}). Döp en så.",
        "»{name}« har ingen tabel, der hedder som en aktørtype ({types}). Giv en tabel et sådant navn.",
        "„{name}“ hat keine Tabelle, die wie ein Aktortyp heißt ({types}). Benennen Sie eine so.",
        "«{name}» har ingen tabell som heter det samme som en aktørtype ({types}). Gi en tabell et slikt navn.",
        "‘{name}’ heeft geen tabel met de naam van een actor-type ({types}). Geef een tabel zo'n naam.",
    ),
    "no_id_column": (
        "“{name}”: no column ID in {tables}. Add a column named ID.",
        "”{name}”: kolumnen ID saknas i {tables}. Lägg till en kolumn som heter ID.",
        "»{name}«: kolonnen ID mangler i {tables}. Tilføj en kolonne, der hedder ID.",
        "„{name}“: In {tables} fehlt die Spalte ID. Fügen Sie eine Spalte namens ID hinzu.",
        "«{name}»: kolonnen ID mangler i {tables}. Legg til en kolonne som heter ID.",
        "‘{name}’: in {tables} ontbreekt de kolom ID. Voeg een kolom met de naam ID toe.",
    ),
    "no_table": (
        "There is no table {type} with a column ID. Add one, or choose another type.",
        "Det finns ingen tabell {type} med en kolumn ID. Lägg till en, eller välj en annan typ.",
        "Der er ingen tabel {type} med en kolonne ID. Tilføj en, eller vælg en anden type.",
        "Es gibt keine Tabelle {type} mit einer Spalte ID. Fügen Sie eine hinzu, oder wählen Sie einen anderen Typ.",
        "Det finnes ingen tabell {type} med en kolonne ID. Legg til en, eller velg en annen type.",
        "Er is geen tabel {type} met een kolom ID. Voeg er een toe, of kies een ander type.",
    ),
    "no_column": (
        "“{table}” has no column {columns}.",
        "”{table}” har ingen kolumn {columns}.",
        "»{table}« har ingen kolonne {columns}.",
        "„{table}“ hat keine Spalte {columns}.",
        "«{table}» har ingen kolonne {columns}.",
        "‘{table}’ heeft geen kolom {columns}.",
    ),
    "no_list": (
        "There is no list “{list}”: no table of that name with columns ID and Text.",
        "Det finns ingen lista ”{list}”: ingen tabell med det namnet och kolumnerna ID och Text.",
        "Der er ingen liste »{list}«: ingen tabel med det navn og kolonnerne ID og Text.",
        "Es gibt keine Liste „{list}“: keine Tabelle dieses Namens mit den Spalten ID und Text.",
        "Det finnes ingen liste «{list}»: ingen tabell med det navnet og kolonnene ID og Text.",
        "Er is geen lijst ‘{list}’: geen tabel met die naam en de kolommen ID en Text.",
    ),
    "row_without_id": (
        "“{table}”, row {row}: there is no ID; the row is left out. Give it an ID.",
        "”{table}”, rad {row}: ID saknas; raden hoppas över. Ge den ett ID.",
        "»{table}«, række {row}: ID mangler; rækken springes over. Giv den et ID.",
        "„{table}“, Zeile {row}: Die ID fehlt; die Zeile wird ausgelassen. Geben Sie ihr eine ID.",
        "«{table}», rad {row}: ID mangler; raden hoppes over. Gi den en ID.",
        "‘{table}’, rij {row}: er is geen ID; de rij wordt overgeslagen. Geef de rij een ID.",
    ),
    "row_with_same_id": (
        "“{table}”, row {row}: the ID {key} is that of row {first}; the row is left out. Give one of them another ID.",
        "”{table}”, rad {row}: rad {first} har redan ID {key}; raden hoppas över. Ge en av dem ett annat ID.",
        "»{table}«, række {row}: række {first} har allerede ID {key}; rækken springes over. Giv en af dem et andet ID.",
        "„{table}“, Zeile {row}: Die ID {key} hat schon Zeile {first}; die Zeile wird ausgelassen. Geben Sie einer von "
        "beiden eine andere ID.",
        "«{table}», rad {row}: rad {first} har allerede ID {key}; raden hoppes over. Gi en av dem en annen ID.",
        "‘{table}’, rij {row}: rij {first} heeft al ID {key}; de rij wordt overgeslagen. Geef een van beide een andere "
        "ID.",
    ),
    "more_rows": (
        "… and {number} more rows", "… och {number} rader till", "… og {number} rækker mere",
        "… und {number} weitere Zeilen", "… og {number} rader til", "… en nog {number} rijen",
    ),
    "bad_search": (
        "The search does not fit the fields. Check field, operator and value of each line: {reason}",
        "Sökningen passar inte fälten. Kontrollera fält, operator och värde på varje rad: {reason}",
        "Søgningen passer ikke til felterne. Kontrollér felt, operator og værdi på hver linje: {reason}",
        "Die Suche passt nicht zu den Feldern. Prüfen Sie Feld, Operator und Wert jeder Zeile: {reason}",
        "Søket passer ikke til feltene. Kontroller felt, operator og verdi på hver linje: {reason}",
        "De zoekopdracht past niet bij de velden. Controleer veld, operator en waarde van elke regel: {reason}",
    ),
    "data_directory": (
        "The connector's data directory can't be used. Check disk and rights.",
        "Connectorns datakatalog kan inte användas. Kontrollera disk och rättigheter.",
        "Connectorens datamappe kan ikke bruges. Kontrollér disk og rettigheder.",
        "Das Datenverzeichnis des Connectors ist nicht benutzbar. Prüfen Sie Festplatte und Rechte.",
        "Connectorens datakatalog kan ikke brukes. Kontroller disk og rettigheter.",
        "De gegevensmap van de connector is niet bruikbaar. Controleer schijf en rechten.",
    ),
    "no_guid": (
        "The connection has no identifier and can't be stored.",
        "Kopplingen saknar identitet och kan inte sparas.",
        "Linket har ingen identitet og kan ikke gemmes.",
        "Die Verbindung hat keine Kennung und kann nicht gespeichert werden.",
        "Koblingen mangler identitet og kan ikke lagres.",
        "De verbinding heeft geen kenmerk en kan niet worden opgeslagen.",
    ),
    "unknown_connection": (
        "The connector does not know this connection. Save the connection again.",
        "Connectorn känner inte till kopplingen. Spara kopplingen igen.",
        "Connectoren kender ikke dette link. Gem linket igen.",
        "Der Connector kennt diese Verbindung nicht. Speichern Sie die Verbindung erneut.",
        "Connectoren kjenner ikke denne koblingen. Lagre koblingen på nytt.",
        "De connector kent deze verbinding niet. Sla de verbinding opnieuw op.",
    ),
}  # fmt: skip
