package simulate

// What names and sentences are made of. Some words are beyond ASCII on purpose: that is
// where bytes are most easily cut in the wrong place.
var (
	towns = []string{
		"Ashford Mere", "Brînza", "Calder Bay", "Dunmarrow", "Eskilvik", "Färöholm", "Gullcrest", "Høyanger Ness",
		"Isola Verde", "Jadeport", "Kestrel Hill", "Łąkowo", "Marrowby", "Nørdal", "Oaktarn", "Port Émile",
	}
	clubs      = []string{"Rovers", "Athletic", "United", "Wanderers", "Harriers", "City", "Olympic"}
	categories = []string{"science", "business", "culture", "weather", "sport"}
	givenNames = []string{"Ada", "Bjørn", "Chiara", "Dušan", "Efua", "Farid", "Gwen", "Hana", "Inés", "Jun"}

	familyNames = []string{"Almgren", "Băsescu", "Castell", "Drummond", "Etxeberria", "Fontaine", "Grünwald", "Hoshino"}

	subjects = map[string][]string{
		"science":  {"Researchers", "A young astronomer", "The polar station", "Two laboratories", "A beekeeper’s sensor"},
		"business": {"The harbour company", "A maker of clocks", "The savings bank", "Market traders", "A family bakery"},
		"culture":  {"The night orchestra", "A painter’s archive", "The puppet theatre", "A lost film", "The city library"},
		"weather":  {"A sudden fog", "The first snow", "Warm wind", "A spring tide", "Heavy rain"},
		"sport":    {"The rowing club", "An unknown runner", "The women’s eleven", "A veteran goalkeeper", "The chess team"},
	}
	verbs   = []string{"surprises", "delays", "wins over", "reopens", "divides", "inspires", "puzzles", "saves"}
	objects = []string{"the morning market", "the old bridge", "a record crowd", "the ferry line", "the town council", "thousands of visitors", "the café quarter"}

	leads     = []string{"Nobody expected it, said", "“It will take time,” said", "The figures speak for themselves, according to", "It began early, reports"}
	witnesses = []string{"a witness", "the mayor’s office", "an engineer on site", "the organisers", "a neighbour of many years"}
	outlooks  = []string{"and more is to come tomorrow", "while repairs go on", "but questions remain", "to the delight of schoolchildren"}

	services    = []string{"gateway", "billing", "search", "mailer", "auth", "thumbnailer"}
	logMessages = map[string][]string{
		"debug":    {"cache hit", "cache miss", "query planned", "connection reused", "flag evaluated"},
		"info":     {"request served", "job finished", "user signed in", "index refreshed", "message delivered"},
		"warning":  {"slow query", "retrying upstream", "disk 81 % full", "certificate expires in 9 days"},
		"error":    {"upstream timed out", "payment declined twice", "could not parse date “31 février”", "queue rejected message"},
		"critical": {"replica lost", "out of file descriptors"},
	}
)
