"""The usual text of a group's agreement (handledningskontrakt), in three languages (PRODUCT: around it).

Blocks are divided by an empty line; the first line of a block is its heading.
"""
# ruff: noqa: E501 - a paragraph is one line, so that every page can wrap it

SWEDISH = """Vad handledningen är till för
Vi tänker tillsammans om ärenden och dilemman ur vårt arbete med andra. Handledningen är frivillig och till för dig som deltar.

Ramar
Vi är samma grupp varje gång. Träffarna är 90 minuter, varannan vecka, på bestämd tid och plats. Alla får lika mycket utrymme att tala, och var och en kan stå över.

Tystnadsplikt och dess gränser
Det som sägs i rummet stannar i rummet. Vi nämner inte namn eller annat som gör att en brukare eller anhörig går att känna igen. Handledaren måste bryta tystnaden om ett barn far illa eller om någons liv är i fara, och säger då till gruppen först om det går.

Vad som berättas för vem
Chefen får veta vilka träffar som har hållits och ställts in, och den årliga utvärderingen i grova drag. Chefen får inte veta vem som deltar, vad som sägs eller vem som var där.

Frånvaro
Vi räknar med dig. Kan du inte komma säger du till, utan skäl. Du kan sluta när som helst.

Oenighet och konflikter
Blir något svårt i gruppen tar vi upp det i gruppen, eller först med handledaren. Går det inte att lösa kan vi be om ett samtal med någon utomstående.

Anteckningar och gallring
Ärenden raderas 14 dagar efter träffen. Hur länge var och en har haft ordet raderas efter 30 dagar. Handledarens egna anteckningar läses bara av handledaren.

Missförhållanden rapporteras på annat håll
Handledningen är ingen rapporteringskanal. Ser du ett missförhållande, eller risk för det, har du skyldighet att rapportera enligt lex Sarah. Det gör du enligt din arbetsgivares rutin."""

DANISH = """Hvad supervisionen er til for
Vi tænker sammen om sager og dilemmaer fra vores arbejde med andre. Supervisionen er frivillig og til for dig, der deltager.

Rammer
Vi er den samme gruppe hver gang. Møderne varer 90 minutter, hver anden uge, på et fast tidspunkt og sted. Alle får lige meget taletid, og enhver kan melde pas.

Tavshedspligt og dens grænser
Det, der bliver sagt i rummet, bliver i rummet. Vi nævner ikke navne eller andet, som gør, at en borger eller pårørende kan genkendes. Supervisor må bryde tavsheden, hvis et barn lider overlast, eller nogens liv er i fare, og siger det først til gruppen, hvis det er muligt.

Hvad der fortælles til hvem
Lederen får at vide, hvilke møder der er holdt og aflyst, og den årlige evaluering i grove træk. Lederen får ikke at vide, hvem der deltager, hvad der bliver sagt, eller hvem der var der.

Fravær
Vi regner med dig. Kan du ikke komme, siger du til, uden at give en grund. Du kan stoppe når som helst.

Uenighed og konflikter
Bliver noget svært i gruppen, tager vi det op i gruppen, eller først med supervisor. Kan det ikke løses, kan vi bede om en samtale med en udenforstående.

Optegnelser og sletning
Sager slettes 14 dage efter mødet. Hvor længe hver enkelt har haft ordet, slettes efter 30 dage. Supervisors egne noter læses kun af supervisor.

Svigt indberettes et andet sted
Supervisionen er ikke en indberetningskanal. Ser du svigt eller risiko for det, skal du sige det videre efter din arbejdsgivers regler; i Sverige gælder lex Sarah."""

ENGLISH = """What the supervision is for
We think together about cases and dilemmas from our work with others. The supervision is voluntary and there for you who take part.

Frame
We are the same group each time. The meetings last 90 minutes, every second week, at a set time and place. Everyone has the same room to speak, and anyone can pass.

Confidentiality and its limits
What is said in the room stays in the room. We give no names, and nothing else by which a service user or relative could be recognised. The supervisor must break the silence if a child is being harmed or someone's life is in danger, and tells the group first if that is possible.

What is told to whom
The manager learns which meetings were held and cancelled, and the yearly evaluation in broad strokes. The manager does not learn who takes part, what is said or who was there.

Absence
We count on you. If you cannot come you say so, without a reason. You can stop at any time.

Disagreement and conflicts
If something becomes hard in the group we bring it up in the group, or first with the supervisor. If it cannot be solved we can ask for a talk with someone from outside.

Records and deletion
Cases are deleted 14 days after the meeting. How long each person held the floor is deleted after 30 days. The supervisor's own notes are read by the supervisor only.

Abuse and neglect are reported elsewhere
Supervision is not a reporting channel. If you see abuse or neglect, or a risk of it, you have a duty to report it, in Sweden under lex Sarah. You do so by your employer's routine."""

TEXTS = {"sv": SWEDISH, "da": DANISH, "en": ENGLISH}


def default_text(language: str) -> str:
    """Return the usual text in a language; Swedish where there is none."""
    return TEXTS.get(language, SWEDISH)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return a text as (heading, body) pairs for a page; a block of one line has no heading."""
    parts = [part.strip().partition("\n") for part in text.split("\n\n") if part.strip()]
    return [(first, rest) if rest else ("", first) for first, _between, rest in parts]
