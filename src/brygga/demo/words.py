"""Words from which the demo's companies and people are put together, country by country. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """How names, addresses and numbers look in one country. `digits` is the length of a local phone number."""

    code: str
    phone: str
    digits: int
    forms: tuple[str, ...]
    stems: tuple[str, ...]
    trades: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _cities(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (item.split("=") for item in text.split())
    return tuple((zip_.replace("_", " "), city.replace("_", " ")) for zip_, city in pairs)


SWEDEN = Country(
    "SE",
    "+46",
    9,
    ("AB", "AB", "HB"),
    _words("Norrvik Björkholm Tallåsen Ekbacken Granudden Sjövalla Högstena Lindmarken Åkerby Rävlanda Storfors"),
    _words("Snickeri Åkeri Elteknik Bygg Redovisning Livsmedel Plåt Trädgård Verkstad Fastigheter Konsult Tryckeri"),
    _words("Storgatan Kungsgatan Hamnvägen Industrivägen Björkallén Kvarngatan Skolvägen"),
    _cities("111_22=Stockholm 411_05=Göteborg 211_20=Malmö 972_31=Luleå 331_30=Värnamo 582_22=Linköping"),
    _words("Anna Erik Karin Lars Sara Johan Elin Mikael Maja Oskar Åsa Göran"),
    _words("Lindqvist Bergström Sjöberg Åkesson Nyström Hedlund Sandgren Wallin Öberg Forsell"),
)
NORWAY = Country(
    "NO",
    "+47",
    8,
    ("AS", "AS", "ASA"),
    _words("Fjordlys Nordnes Granlia Solvik Bølgen Fjellro Havblikk Elvebakken Skogheim Østmarka"),
    _words("Regnskap Bygg Sjømat Elektro Transport Eiendom Verft Design Rør Trelast"),
    _words("Storgata Strandgata Kirkeveien Industriveien Sjøgata Fjellveien Parkveien"),
    _cities("0150=Oslo 5003=Bergen 7011=Trondheim 4006=Stavanger 9008=Tromsø 6002=Ålesund 3015=Drammen"),
    _words("Ingrid Ole Kari Lars Silje Bjørn Marte Knut Solveig Håkon"),
    _words("Hansen Nilsen Bakken Haugen Solberg Moen Lie Strand Dahl Øverland"),
)
DENMARK = Country(
    "DK",
    "+45",
    8,
    ("A/S", "ApS", "ApS"),
    _words("Havnens Bøgelund Strandmark Lillebælt Kornmod Vesterled Klitgård Åbakken Møllehøj Søndervang"),
    _words("Bageri Maskinfabrik Revision Byg Møbler Fragt Gartneri VVS Bryghus Grafik"),
    _words("Nørregade Vestergade Havnevej Industrivej Algade Bredgade Møllevej"),
    _cities("1150=København_K 8000=Aarhus_C 5000=Odense_C 9000=Aalborg 6700=Esbjerg 7100=Vejle 4000=Roskilde"),
    _words("Mette Søren Lone Jens Camilla Anders Birgitte Rasmus Freja Mads"),
    _words("Jørgensen Holm Kjær Mortensen Bruun Dalgaard Frandsen Østergaard Vestergaard Skov"),
)
GERMANY = Country(
    "DE",
    "+49",
    10,
    ("GmbH", "GmbH", "GmbH & Co. KG", "AG"),
    _words("Brückner Lindenhof Nordlicht Steinbach Küstenwind Weidenau Hafenkante Grünwald Falkensee Rothbach"),
    _words("Maschinenbau Logistik Werkzeuge Elektrotechnik Holzbau Steuerberatung Getränke Optik Druck Textil"),
    _words("Hauptstraße Bahnhofstraße Hafenstraße Gartenweg Industriestraße Lindenallee Mühlenweg"),
    _cities("20095=Hamburg 24103=Kiel 28195=Bremen 10115=Berlin 18055=Rostock 30159=Hannover 23552=Lübeck"),
    _words("Klaus Sabine Jürgen Monika Stefan Ute Matthias Heike Jörg Anja"),
    _words("Schröder Petersen Köhler Brandt Lüders Vogt Hartmann Böttcher Krüger Jansen"),
)
NETHERLANDS = Country(
    "NL",
    "+31",
    9,
    ("B.V.", "B.V.", "N.V."),
    _words("Molenzicht Waterkant Duinrand Polderland Zuiderhof Noordzee Vechtdal Tulpenveld Grachten IJsselstroom"),
    _words("Bouw Techniek Bloemen Transport Installaties Accountants Zuivel Scheepswerf Meubelen Advies"),
    _words("Hoofdstraat Kerkstraat Havenweg Molenlaan Dorpsstraat Stationsplein Industrieweg"),
    _cities("1012_AB=Amsterdam 3011_BD=Rotterdam 3511_CE=Utrecht 9711_LM=Groningen 5611_AZ=Eindhoven 8011_CW=Zwolle"),
    _words("Lotte Pieter Sanne Daan Femke Joris Anouk Ruben Marijke Thijs"),
    _words("de_Vries van_Dijk Bakker Visser Smit Meijer Mulder de_Boer Dekker Hoekstra"),
)
