/**
 * Words that `make_word_lists.ts` leaves out, by part of speech; without this list, they would be
 * included.
 *
 * Each was read and left out by a person, for one of these reasons: before "boy" or "girl" it could
 * be taken as a remark about somebody in the classroom; it is about alcohol, weapons, death or sex;
 * it is not a simple member of its class (a number, a degree, a plural, a laboratory term); it is
 * nearly the same as another word in the list; or it looks like another part of speech.
 */
export const STOP_WORDS = {
  noun: `
    abyss account adjunct advice agency agent agglutinin albumin alcohol algae andrena anode
    antibody antigen argon argument arrow arroyo art atom avocado bark barley battery beebread beef
    beer berry beverage bill blood bluff body bottle bough bramble brandy breakfast brier brigade
    bronc bronchiole buckskin builder building bullet burr capitalism car category catkin cattle
    cell cellulose chain champagne cheer chest chicken chlorine class clothes clue clump coast
    collection college colonel columbine commission committee communism community companion
    complement comrade conference conjugate context corn corpse country court cows crop data debate
    department detergent device dichondra diet dinner dipole discussion dough drama draught dregs
    drug dust economy effluent egg eggs electron employee enemy enzyme equipment facility fallout
    farm feather fellow fiber fig flesh floor fluid foam foliage folk fool formula fraction fragment
    frangipani fruit fur fuzz gang generation globe government grade graph ground guest gun guy hair
    hall hand hardtack hay head hen hollyhock hoof hospital hotel husband impurity indication
    indicator industry infantry iodide iodine ion kid lady lagoon language larva laughter leaders
    legend lieutenant liquor literature livestock lobscuse lunch lung magazine man manager manzanita
    martini material meal meaning meat meeting member men meteor meteorite micelle mineral mixture
    mob molecule mouth movie music musketry nation network news nucleus objection office oxen pair
    pansy papers parasite parent particle party patient pea people personnel petitioner phosphate
    phrase piece pit plank plant police pollen population pork posse powder preaching premix product
    profile proposal protein provision queen radish rank rat ration reference regiment resolution
    ribbon rifle road room root row saline seed series serpent serum sewage shelter sherry ship
    shore shrub sloe slope society sod soldier species spore statement steps street stump subspace
    supper surface suspension syllable symbol table tail tale television testimony text thicket
    thyroid tissue title traffic treetop troops trough union universe variety vegetable verb verbena
    wall warning weapon weed whiskey whisky wife wine woman woods word words xylem yes youth
  `,
  verb: `
    accord ache agree awake backstitch balk bandy behave benefit beware bind birdie bleed blur bogey
    bother bulge capitulate catapult cerebrate cheat chip choke cleave clog cohere coincide combat
    come commute conjoin correlate correspond crease curse decay decrease deduct default degrade die
    disagree disengage dominate dress dwindle encamp end engage enrol ensue eventuate fete finish
    fire fistfight flake flow fluoresce fluster fraternize fullback fumble gird grope grumble hang
    happen harrow hint hit honeymoon hulk idle increase jive kiss lean leer lessen lie load mate
    merge misfire mix move occur originate overreach pant perish pet plow plunder practise pray
    preach profit progress prosecute protrude pucker punt purchase push pyramid qualify reappear
    rebuild rend result return rip rive roll rummage scratch secede segregate smuggle snarl
    specialize splinter spray starve stiffen stink subtract sue surrender swear sweat switch taste
    tear testify tire touch unify wake whiz
  `,
  adj: `
    able absent absolute actual adequate adjacent ambiguous analogous ancestral anti apparent
    applicable arbitrary attractive authentic automatic autonomic available bad basic beneficial
    bigger black bloody born broken brown capable causal central childish circular civil civilian
    classical collective commercial common comparable compatible competent complex conscious
    constant continuous convenient crazy critical crucial customary dead deadly decisive defensive
    definite democratic dense dependent desirable desperate detectable different difficult distal
    distinct divine domestic dominant done dumb eastern easy economical effective efficient eight
    eighteen eighteenth eighth eighty elderly eleven entire essential evident exact excessive
    exclusive explicit explosive extensive external fat fatal federal few fewer fifteen fifteenth
    fifth fifty final finite five foolish foreign formal forty four fourteen fourth frantic frequent
    full gaunt gay geometric given good greater gross guilty hard helpless high homely identical
    immediate impersonal important impossible inadequate incomplete indefinite indirect infectious
    infinite inherent initial inner inorganic insane insoluble intact internal ironical irrelevant
    known larger latent legal lengthy lesser likely linear literal little local long lost low lurid
    mad major many marginal mechanical mental minimal minor mistaken moral multiple natural
    necessary negative negligible next nine nineteenth ninth normal northern nuclear numerous
    obvious older one opposite optimum oral organic original other overall partial passive perfect
    permanent personal pertinent physical political poor popular porous positive possible precise
    primary primitive probable prominent prone proper protective pseudo queer rare real reasonable
    recent reciprocal regular relevant religious same savage secondary serious seven seventeen
    severe sick similar single six sixth sixty smaller sore southern specific spiritual stupid
    subjective sudden sufficient superior sure symmetric synthetic teen temporary ten third thirty
    three torn tough true twelve twentieth twenty two typical ultimate ultrasonic unable unaware
    underway universal unlike unlikely upper urgent usual valuable various vertical violent visible
    vulnerable western white whole widespread worst worthy written wrong youthful
  `,
  adv: `
    abnormally absolutely actually acutely adamantly adequately admittedly advisedly anciently
    annually apparently assuredly atonally aurally awfully axially barely basically believably
    bodily causally centrally certainly chemically chiefly childishly clinically commonly completely
    concretely conversely cortically cosily crazily culturally currently daily dandily dearly
    decidedly definitely deplorably diffusely distally divinely doubly drunkenly enormously entirely
    equally especially eventually evidently exactly extremely fairly favorably finally formerly
    fully gaily generally girlishly greatly hardly horribly ideally immensely incredibly indirectly
    inevitably infinitely initially insanely internally intimately invariably inversely inwardly
    jointly largely lately legally leisurely linearly literally locally mainly markedly mentally
    merely mistakenly moderately morally mostly mutely namely nationally nearly newly nominally
    normally notably obviously officially only ordinarily originally partially partly peculiarly
    personally perversely physically popularly positively possibly preferably presently presumably
    previously primarily probably profitably purely radically rarely really reasonably recently
    reflexly relatively remarkably reportedly rightfully savagely scarcely secondly seemingly
    sexually shortly similarly simply slightly socially solely sorely spatially specially stolidly
    strikingly stupidly suitably supposedly surely terribly totally truly typically ultimately
    unequally uniformly uniquely unusually usually utterly variously vastly violently virtually
    visibly visually vitally wholly widely wondrously
  `,
} as const;
