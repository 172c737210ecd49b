"""Who lives in the made-up region: partners, names from many cultures, and what people hope for. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from contracts import needs as lists

SEED = "been there, made-up region 1"
REFERRALS = 240
PEERS = 60
MONTHS = 12


@dataclass(frozen=True)
class MadePartner:
    """One made-up organisation."""

    code: str
    name: str
    kind: str
    area: str
    ods_code: str | None


PARTNERS: tuple[MadePartner, ...] = (
    MadePartner("north-trust", "Northmoor Mental Health Trust", "nhs_body", "north", "RZ901"),
    MadePartner("city-trust", "Citybridge Partnership Trust", "nhs_body", "city", "RZ902"),
    MadePartner("coast-trust", "Saltmarsh Community Trust", "nhs_body", "coast", "RZ903"),
    MadePartner("east-surgery", "Eastfield Group of Surgeries", "nhs_body", "east", "ZZ904"),
    MadePartner("west-surgery", "Westbrook Primary Care Network", "nhs_body", "west", "ZZ905"),
    MadePartner("south-liaison", "Southdown Liaison Team", "nhs_body", "south", "RZ906"),
    MadePartner("harbour", "Harbour Lights", "voluntary", "coast", None),
    MadePartner("open-door", "The Open Door Project", "voluntary", "city", None),
    MadePartner("kindred", "Kindred Voices", "voluntary", "north", None),
    MadePartner("stepping", "Stepping Stones Together", "voluntary", "south", None),
    MadePartner("common-ground", "Common Ground Women's Centre", "voluntary", "east", None),
    MadePartner("riverside", "Riverside Recovery Friends", "voluntary", "west", None),
)

FIRST_NAMES = (
    "Aisha", "Amara", "Anjali", "Anwen", "Asha", "Beata", "Blessing", "Bronwen", "Carys", "Chidi", "Chloe", "Daniel",
    "Dariush", "Deepa", "Dylan", "Efua", "Elif", "Emeka", "Ewa", "Farah", "Fatima", "Femi", "Gareth", "Grace",
    "Gurpreet", "Hamza", "Hana", "Harjit", "Hassan", "Ifeoma", "Imran", "Ioana", "Isla", "Ismail", "Jack", "Jaswinder",
    "Joanna", "Jordan", "Kamal", "Kasia", "Kemi", "Khadija", "Kofi", "Kwame", "Lakshmi", "Leila", "Liam", "Lowri",
    "Lucia", "Maciej", "Maryam", "Mei", "Meera", "Mihai", "Mina", "Mohammed", "Nadia", "Naomi", "Ngozi", "Niamh",
    "Nikhil", "Nour", "Oluwaseun", "Omar", "Owen", "Parveen", "Patience", "Piotr", "Priya", "Rania", "Rhys", "Rosa",
    "Ruth", "Sade", "Salma", "Sam", "Sanjay", "Sean", "Shabnam", "Sofia", "Sunita", "Tariq", "Tendai", "Teresa",
    "Thandi", "Tomasz", "Uche", "Viktoria", "Wanjiru", "Xin", "Yasmin", "Yusuf", "Zainab", "Zara", "Zofia", "Zubair",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Achebe", "Adeyemi", "Ahmed", "Akhtar", "Ali", "Amoah", "Begum", "Bello", "Bevan", "Bhatt", "Brown",
    "Chaudhry", "Chen", "Davies", "Dlamini", "Dumitrescu", "Evans", "Farooq", "Ferreira", "Gill", "Griffiths",
    "Haddad", "Hughes", "Hussain", "Iqbal", "Jama", "James", "Johnson", "Kaminska", "Kaur", "Khan", "Kowalski",
    "Lewis", "Mahmoud", "Malik", "Mensah", "Moyo", "Murphy", "Mutasa", "Nowak", "O'Brien", "Ochieng", "Okafor",
    "Okoro", "Osei", "Owusu", "Patel", "Popescu", "Rahman", "Rao", "Rees", "Roberts", "Shah", "Sharma", "Singh",
    "Smith", "Sousa", "Tesfaye", "Thomas", "Walsh", "Warsame", "Williams", "Wojcik", "Wong", "Yilmaz", "Zielinski",
)  # fmt: skip
STRENGTHS = (
    "Keeps a small garden going whatever the week is like.",
    "Good with numbers; ran a market stall for years.",
    "Sings in the car and knows every word.",
    "Looks after a neighbour's dog and has never missed a walk.",
    "Speaks three languages and helps others fill in forms.",
    "Cooks for the whole family on Fridays.",
    "Draws, mostly at night, and is proud of the notebooks.",
    "Has got through worse than this before.",
    "",
    "",
)
HOPES = (
    "I would like to go to the shops without planning it for days.",
    "To see my sister again and not be afraid of it.",
    "I want to play football with the others on Tuesdays.",
    "To talk to someone who does not look at me differently.",
    "To sleep, and to have a reason to get up.",
    "I would like to go back to college, perhaps one course.",
    "To stop hiding the post under the sofa.",
    "Someone who knows what it is like after hospital.",
    "",
)
WHYS = (
    "Has asked more than once whether they could talk to someone who has been through it.",
    "Feels that professionals listen but do not know.",
    "Met a peer worker on the ward and said it was the first time they felt hope.",
    "Is doing the hard work alone and would like company in it.",
    "Diagnosis and medication reviewed last month; no other plan in place.",
)
CONNECTIONS = (
    ("group", "The walking group on Thursday mornings"),
    ("place", "The library's quiet room"),
    ("role", "Helping at the food co-op"),
    ("group", "Five-a-side at the leisure centre"),
    ("role", "A course at the college"),
    ("place", "The women's centre drop-in"),
    ("group", "The choir that needs no audition"),
    ("role", "Two mornings at the charity shop"),
)


def test_number(chance: Random) -> str:
    """A made-up NHS number of the range that is never issued (999), with a check digit that fits."""
    while True:
        first = "999" + "".join(str(chance.randrange(10)) for _ in range(6))
        check = 11 - sum(int(d) * w for d, w in zip(first, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return first + str(0 if check == 11 else check)


def a_name(chance: Random) -> str:
    """A first and a last name, from any two cultures."""
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def some(chance: Random, codes: list[str], least: int, most: int) -> list[str]:
    """Some of the codes, each once."""
    return chance.sample(codes, chance.randint(least, most))


def a_referral(chance: Random, area: str, today_year: int) -> dict[str, Any]:
    """The body of one made-up referral; about one in eight leaves things out."""
    name = a_name(chance)
    year = today_year - chance.choices((20, 29, 40, 50, 60, 72), (4, 6, 5, 4, 3, 2))[0] - chance.randrange(5)
    is_thin = chance.random() < 0.12
    person = {
        "name": name,
        "called": name.split()[0],
        "birth_date": None
        if is_thin and chance.random() < 0.4
        else f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "nhs_number": None if chance.random() < 0.2 else test_number(chance),
        "postcode": ""
        if is_thin
        else f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}{chance.choice('ABDE')}{chance.choice('FGHJ')}",
        "phone": f"01632 960 {chance.randint(0, 999):03}",
        "email": "",
        "gp_code": "" if is_thin else f"Y{chance.randint(10000, 99999)}",
    }
    language = chance.choices(["en", "ur", "pl", "so", "bsl", "cy"], [78, 8, 6, 3, 3, 2])[0]
    return {
        "strengths": chance.choice(STRENGTHS),
        "hopes": chance.choice(HOPES),
        "why_peer_support": chance.choice(WHYS),
        "person": person,
        "contact": {"channel": chance.choice(["phone", "text"]), "safe_to_leave_message": chance.random() < 0.7},
        "needs": {
            "area": chance.choices([area, *lists.NEIGHBOURS[area]], [6] + [1] * len(lists.NEIGHBOURS[area]))[0],
            "language": language,
            "interpreter": language not in {"en", "bsl"} and chance.random() < 0.4,
            "times": some(chance, list(lists.TIMES), 1, 3),
            "mode": chance.choices(["any", "in_person", "phone", "video"], [6, 3, 1, 1])[0],
            "peer_gender": chance.choices(["", "woman", "man", "non_binary"], [14, 4, 2, 0.2])[0],
            "themes": some(chance, list(lists.THEMES), 0, 3),
        },
        "safety": {
            "present_danger": False,
            "note": "Finds crowds hard; meet somewhere quiet." if chance.random() < 0.1 else "",
        },
        "consent": {"given": True, "given_by": "person", "how": chance.choice(["in_person", "by_phone"])},
        "equity": {
            "ethnicity": chance.choices(list(lists.ETHNICITIES), [18, 12, 6, 52, 4, 8])[0],
            "gender": chance.choices(list(lists.GENDERS), [52, 40, 3, 1, 4])[0],
        },
        "referrer": {
            "name": a_name(chance),
            "role": chance.choice(["GP", "Nurse", "Link worker", "Keyworker"]),
            "phone": "01632 960 555",
        },
    }
