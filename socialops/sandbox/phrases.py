"""What the crowd says: (language, text). `{brand}` is the brand's name. Positive, negative, neutral, questions, irony."""

from __future__ import annotations

from typing import Final

PEOPLE: Final = (
    ("lea.moreau", "Léa Moreau", "fr"),
    ("karim_b", "Karim Benali", "fr"),
    ("sophie.durand", "Sophie Durand", "fr"),
    ("tomlefevre", "Tom Lefèvre", "fr"),
    ("ines.garcia", "Inès Garcia", "fr"),
    ("nathalie_p", "Nathalie Perrin", "fr"),
    ("youssef.a", "Youssef Amrani", "fr"),
    ("hugo.petit", "Hugo Petit", "fr"),
    ("chloe_bzh", "Chloé Le Gall", "fr"),
    ("emma.w", "Emma Whitfield", "en"),
    ("jonas.k", "Jonas Keller", "en"),
    ("priya_s", "Priya Shah", "en"),
    ("dan.oconnor", "Dan O’Connor", "en"),
    ("mei.tan", "Mei Tan", "en"),
)

FIRST_NAMES: Final = (
    "Alice", "Basile", "Camille", "Driss", "Élodie", "Fanny", "Gaspard", "Hana", "Ismaël", "Jeanne",
    "Kévin", "Louise", "Malik", "Nina", "Oscar", "Pauline", "Rachid", "Salomé", "Théo", "Victor",
)  # fmt: skip
LAST_NAMES: Final = (
    "Arnaud", "Bernard", "Caron", "Diallo", "Étienne", "Faure", "Girard", "Haddad", "Imbert", "Joly",
    "Klein", "Lambert", "Mercier", "Noël", "Olivier", "Picard", "Renard", "Simon", "Tessier", "Vidal",
)  # fmt: skip

COMMENTS: Final = (
    ("fr", "J’adore, bravo à toute l’équipe !"),
    ("fr", "Commandé samedi, reçu mardi. Impeccable."),
    ("fr", "Magnifique, on sent le travail derrière."),
    ("fr", "Merci pour votre réponse rapide hier, problème réglé 🙏"),
    ("fr", "Est-ce disponible en boutique ou seulement en ligne ?"),
    ("fr", "Quels sont les horaires pendant les fêtes ?"),
    ("fr", "Vous livrez en Belgique ?"),
    ("fr", "Bof, c’était mieux avant."),
    ("fr", "Trois semaines que j’attends ma commande et personne ne répond. Très déçue."),
    ("fr", "Service client injoignable, j’ai laissé quatre messages…"),
    ("fr", "Super, encore une hausse de prix. Merci, vraiment, il ne fallait pas 👏"),
    ("fr", "Ah oui, « livré en 48 h ». En jours vénusiens sans doute."),
    ("fr", "Reçu cassé, et on me demande de payer le retour ? Inadmissible."),
    ("fr", "Vu dans le magazine ce matin, jolie photo."),
    ("fr", "Je participe ! #concours"),
    ("fr", "Le coloris vert revient quand ?"),
    ("en", "Love this, well done to the whole team!"),
    ("en", "Ordered on Saturday, here on Tuesday. Flawless."),
    ("en", "Is this available in store or online only?"),
    ("en", "Do you ship to the UK?"),
    ("en", "Honestly a bit overpriced for what it is."),
    ("en", "Still waiting for my refund. Two weeks now. Not good enough."),
    ("en", "Great, another app update that breaks everything. Slow clap 👏"),
    ("en", "Saw this at the fair last week."),
    ("en", "Your staff were so kind to my mum, thank you ❤️"),
    ("en", "Support closed my ticket without reading it. Wow."),
)

REPLIES: Final = (
    ("fr", "Pareil pour moi !"),
    ("fr", "Je ne suis pas d’accord, chez moi tout s’est bien passé."),
    ("fr", "Essayez par message privé, ils répondent plus vite."),
    ("en", "Same here!"),
    ("en", "Not my experience at all, they were great."),
    ("en", "Try a direct message, they answer faster there."),
)

MENTIONS: Final = (
    ("fr", "Petit tour chez {at} ce matin, accueil toujours aussi chaleureux."),
    ("fr", "Quelqu’un a déjà commandé chez {at} ? C’est fiable ?"),
    ("fr", "Franchement déçu par {at} : colis perdu et zéro nouvelle."),
    ("fr", "Mention spéciale à {at} pour l’emballage sans plastique 👏"),
    ("fr", "{at} votre site est en panne depuis ce matin, c’est normal ?"),
    ("fr", "Merci {at} d’avoir « oublié » la moitié de ma commande. Quel talent."),
    ("fr", "{at} figure dans la sélection de la semaine du journal local."),
    ("en", "Just tried {at} for the first time, genuinely impressed."),
    ("en", "{at} is there a student discount?"),
    ("en", "Third broken item from {at} this year. I’m done."),
    ("en", "Walking past {at} on my way to work, lovely window display."),
    ("en", "Oh brilliant, {at} lost my parcel again. Five stars."),
)
