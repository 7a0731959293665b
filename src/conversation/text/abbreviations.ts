/** What ends in a full stop without ending a sentence, by language (ISO 639-1). */

export interface AbbreviationRows {
  /** The sentence always goes on: titles, "e.g.". */
  readonly never?: string;
  /** It goes on when a number follows: "No. 5". */
  readonly number?: string;
  /** A name may follow, so it ends only where a usual first word follows: "Inc.", "U.S.", "Jan.". */
  readonly name?: string;
  /** It ends where a capital follows: "etc.", "p.m.". */
  readonly end?: string;
  /** Behind a number it ends like "etc.", else it goes on: "1999 г." is a year, "г. Москва" a town. */
  readonly unit?: string;
}

/** Words with a capital are meant with it only: "Sat." is a day, "sat." is not. Spaces inside are left out: "z.b". */
export const ABBREVIATIONS: Readonly<Record<string, AbbreviationRows>> = {
  /** In every language: they are no words in any, and agents mix languages. */
  "*": {
    never:
      "dr prof mr mrs ms mme mlle dott phd e.g i.e vs cf z.b d.h bzw bspw p.ex p.ej t.ex f.eks bl.a m.in d.w.z",
    end: "etc p.m a.m",
    name: "inc ltd corp u.s u.s.a u.k d.c ph.d",
  },
  en: {
    never:
      "mx messrs Gen Col Lt Sgt Capt Cmdr Maj Pvt Adm Rev Hon Pres Gov Sen Rep Supt approx viz Mt Ft dept incl",
    number: "no nos fig figs p pp vol vols ch sec art ext tel ed eq ref ver apt bldg para pt nr rm est",
    name: "co jr sr bros llc esq St Ave Blvd Rd Ln Hwy Sq Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun b.a m.a b.s m.s m.d e.u u.n",
    end: "b.c a.d p.s",
  },
  de: {
    never:
      "u.a u.ä o.ä o.g u.u i.d.r i.a z.t z.zt v.a s.o s.u i.v a.d ca evtl ggf inkl exkl zzgl einschl abzgl hr Fr med dipl ing sog vgl lt geb gest str hl bsp tägl mtl jährl max mind bzgl gem gez st",
    number: "nr tel art abs bd abb kap s tsd Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez",
    name: "mio mrd std sek stk tsd Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez Mo Di Mi Do Fr Sa So jh jhd co",
    end: "usw u.s.w u.v.m uvm mwst v.chr n.chr u.dgl",
  },
  es: {
    never:
      "sr sra sres srta dra profa ud uds vd vds lic ing arq av avda ej ee gral cnel sgto sto sta mons excmo excma aprox tfno dpto urb",
    number: "núm num n nº n.º pág págs art vol cap tel ext fig km p",
    name: "cía hnos uu s.a s.l c.v",
    end: "a.c d.c",
  },
  fr: {
    never: "m mm mmes mlles pr me mgr st ste av bd boul env c.-à-d ex sté éts adj hab",
    number: "no n n° nº art p pp vol chap tél fig al",
    name: "s.a s.a.r.l cie",
    end: "apr",
  },
  it: {
    never:
      "sig sigg sig.ra sig.na sig.re dott.ssa dr.ssa prof.ssa avv ing geom arch rag on egr gent.mo gent.ma spett es p.es v c.so p.za p.zza v.le mons ca ess cav",
    number: "n nn nr pag pagg art artt tel vol cap fig",
    name: "s.p.a s.r.l",
    end: "ecc a.c d.c",
  },
  nl: {
    never:
      "dhr mevr mej drs ir ing mw st bijv bv o.a m.b.t t.a.v i.p.v n.a.v i.v.m resp incl excl evt nl ca plm z.s.m a.u.b m.a.w jl jhr ds zgn m.i",
    number: "nr nrs art blz p tel afb jan feb mrt apr jun jul aug sep sept okt nov dec",
    end: "enz e.d e.a v.chr n.chr",
  },
  pt: {
    never:
      "sr sra srs sras dra drs profa eng exmo exma ilmo ilma av r ex séc trav pça est aprox obs tel min gov cel",
    number: "n nº num núm pág págs cap art vol tel fig p",
    name: "ltda s.a cia",
    end: "a.c d.c",
  },
  pl: {
    never:
      "hab mgr inż lek med ks św ul al pl os gen płk kpt np tj tzw tzn ok por zob wg woj pow gm im pn śp ww nt ds",
    number: "nr str s t poz art ust pkt rys tel godz par",
    name: "s.a",
    end: "itd itp in",
    unit: "r w tys mln mld zł gr",
  },
  ru: {
    never:
      "ул пр просп пер пл им проф акад доц инж гр тов т.е т.к т.н напр см ср рис гл пп обл респ пос с-т бульв о наб ш",
    number: "д кв корп стр п тел № с ст т",
    end: "т.д т.п др пр н.э",
    unit: "г гг в вв ч час мин сек руб коп тыс млн млрд р чел",
  },
  uk: {
    never: "вул просп пл пров бульв ім проф акад доц інж напр див рис т.зв о обл наб вт пн ср чт пт сб нд",
    number: "буд кв корп с ст п тел №",
    end: "т.д т.п ін н.е",
    unit: "м р рр год хв грн коп тис млн млрд",
  },
  cs: {
    never: "např tj tzv tzn mj ing mgr bc mudr judr phdr rndr doc ul nám tř sv pí sl st resp popř cca viz",
    number: "č str čp odst tel s p obr",
    end: "atd apod aj",
    unit: "hod min kč r n.l",
  },
  sk: {
    never: "napr tj tzv ing mgr bc mudr judr doc ul nám sv resp popr",
    number: "č str tel s p obr",
    end: "atď apod pod",
    unit: "hod min r n.l",
  },
  sv: {
    never: "d.v.s dvs kl s.k f.d fr.o.m t.o.m p.g.a resp jfr ung ca st inkl exkl i.o.m",
    number: "nr s tel kap fig art",
    end: "m.fl m.m osv o.s.v o.d",
    unit: "kr",
  },
  da: {
    never: "dvs kl ca hr fr st mht ifm pga vedr evt inkl ekskl jf s.k hhv",
    number: "nr s tlf kap fig art",
    end: "osv mv m.m m.fl o.l",
    unit: "kr",
  },
  nb: {
    never: "dvs kl ca hr fr st mht ifm pga ang evt inkl ekskl jf s.k hhv",
    number: "nr s tlf kap fig art",
    end: "osv mv m.m m.fl o.l",
    unit: "kr",
  },
  fi: {
    never: "esim mm ns ts tri rva hra os eli n k puh vrt em ko",
    number: "nro s klo puh",
    end: "jne yms ym",
  },
  hu: { never: "pl ifj id özv ún kb sz ill vö szt gr u", number: "tel old", end: "stb" },
  tr: {
    never: "doç av sn müh cad sok mah bul örn bkz yy yrd alb gen",
    number: "no apt tel s kat",
    end: "vb vs",
    unit: "tl",
  },
  ro: { never: "dl dlui d-l dna dnei str bd bl sc ap ex sf cca lt", number: "nr tel pag art", end: "ș.a" },
  el: {
    never: "κ κα κκ δρ δηλ βλ π.χ λεωφ οδ αγ",
    number: "σελ αρ τηλ άρθ",
    end: "κ.λπ κλπ κ.ά π.μ μ.μ π.χρ μ.χ",
  },
  bg: {
    never: "ул бул бл ап вх ет гр напр т.е т.н проф инж кв ж.к",
    number: "стр тел чл",
    end: "др т.н т.нат",
    unit: "г лв ч мин хил млн",
  },
  hr: { never: "npr tj tzv ing mr ul sv o", number: "br str čl tel", end: "itd sl dr", unit: "g" },
  sr: {
    never: "npr tj tzv ing mr ul sv нпр тј тзв др проф инж ул св",
    number: "br str čl tel бр стр чл тел",
    end: "itd sl итд сл",
    unit: "god g г год",
  },
  sl: { never: "npr tj tzv ing mag ul sv t.i", number: "št str čl tel", end: "itd ipd", unit: "ur" },
  lt: { never: "pvz t.y gerb g pr al vad", number: "nr psl tel", end: "t.t pan" },
  lv: { never: "piem t.i sk", number: "nr lpp tālr", end: "utt u.c u.tml" },
  et: { never: "nt s.t vt lp st", number: "nr lk tel", end: "jne jms" },
  ca: { never: "sr sra dra profa av ex st sta", number: "núm pàg art vol tel", end: "a.c d.c" },
  id: {
    never: "bpk drs ir jl tn ny sdr sdri yth kab kec kel hj rp",
    number: "no hlm telp",
    end: "dll dsb dst",
  },
  vi: { never: "tp ts ths gs pgs bs q p tt tx đ", end: "v.v" },
  hi: { never: "डॉ प्रो श्री रु कि.मी पं" },
  ar: { never: "د أ.د أ م ص.ب" },
};
