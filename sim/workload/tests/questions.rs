//! Questions cover everybody once; the judge accepts the truth and nothing else.

use std::sync::Arc;

use serde_json::{Value, json};
use sim_population::{Population, PopulationPlan, Sex, iso_date};
use sim_workload::{Ask, Judgement, Question, Questions, QuestionsError, Sizes, Subject};

const PEOPLE: u64 = 1_003;
const DECEASED: u64 = 40;

fn population() -> Arc<Population> {
    let reference_date = iso_date::parse("2026-02-02").expect("a date");
    let plan = PopulationPlan::pensioners(PEOPLE, DECEASED, reference_date);
    Arc::new(Population::new(11, plan).expect("a population"))
}

fn questions(subject: Subject, sizes: Sizes) -> Result<Questions, QuestionsError> {
    let ask = Ask {
        subject,
        weight: 1,
        sizes,
    };
    Questions::new(population(), vec![ask], 3)
}

fn liveness(ids_per_exchange: u64) -> Questions {
    questions(Subject::Deaths, Sizes::Fixed(ids_per_exchange)).expect("a sane number of IDs")
}

/// What an honest register says.
fn truth(population: &Population, question: &Question) -> Value {
    let persons = question.first_person..question.first_person + question.count;
    let deceased: Vec<Value> = persons
        .filter_map(|index| {
            let identity = population.identity(index);
            let day = iso_date::to_text(identity.status.died_on()?);
            Some(json!({ "id": identity.national_id.as_str(), "died_on": day }))
        })
        .collect();
    json!({ "deceased": deceased, "unknown": [] })
}

#[test]
fn everybody_is_asked_about_once_and_then_again() {
    for ids_per_exchange in [1, 10, 1_000, 5_000] {
        let liveness = liveness(ids_per_exchange);
        let mut asked = Vec::new();
        for exchange in 0..liveness.exchanges() {
            let question = liveness.question(exchange);
            let body: Value = serde_json::from_slice(&question.body).unwrap();
            let ids = body["ids"].as_array().unwrap();
            assert_eq!(ids.len() as u64, question.count);
            asked.extend(ids.iter().map(|id| id.as_str().unwrap().to_owned()));
        }
        let everybody: Vec<String> = (0..PEOPLE)
            .map(|index| population().national_id(index).to_string())
            .collect();
        assert_eq!(asked, everybody, "{ids_per_exchange} IDs an exchange");
        assert_eq!(
            liveness.question(liveness.exchanges()),
            liveness.question(0)
        );
    }
}

#[test]
fn the_truth_is_correct_and_names_all_the_dead() {
    for ids_per_exchange in [1, 100, 5_000] {
        let liveness = liveness(ids_per_exchange);
        let mut named = 0;
        for exchange in 0..liveness.exchanges() {
            let question = liveness.question(exchange);
            let answer = truth(&population(), &question).to_string();
            let judgement = liveness.judge(answer.as_bytes(), &question).unwrap();
            assert!(judgement.correct, "{answer}");
            named += judgement.deceased_named;
        }
        assert_eq!(named, DECEASED);
    }
}

#[test]
fn every_departure_from_the_truth_is_wrong() {
    let liveness = liveness(500);
    let question = liveness.question(0);
    let truth = truth(&population(), &question);
    let check = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut answer = truth.clone();
        change(&mut answer);
        assert_ne!(answer, truth, "{what}: the test must change the answer");
        let judgement = liveness
            .judge(answer.to_string().as_bytes(), &question)
            .unwrap();
        assert!(!judgement.correct, "{what}");
    };
    let someone = |dead: bool, from: u64| {
        let population = population();
        let index = (from..PEOPLE).find(|&index| population.is_deceased(index) == dead);
        population.identity(index.unwrap())
    };
    let death = |id: &str, day: &str| json!({ "id": id, "died_on": day });
    let outside = someone(true, 500);
    let outside_day = iso_date::to_text(outside.status.died_on().unwrap());

    check("one is missing", &|a| {
        drop(a["deceased"].as_array_mut().unwrap().pop());
    });
    check("one died on another day", &|a| {
        a["deceased"][0]["died_on"] = "2026-02-03".into();
    });
    check("one day is no day", &|a| {
        a["deceased"][0]["died_on"] = "2026-02-30".into();
    });
    check("one is named twice for another", &|a| {
        a["deceased"][0] = a["deceased"][1].clone();
    });
    check("one alive is said dead", &|a| {
        let alive = someone(false, 0).national_id;
        a["deceased"]
            .as_array_mut()
            .unwrap()
            .push(death(alive.as_str(), "2026-01-20"));
    });
    check("one is named whom nobody asked about", &|a| {
        let named = death(outside.national_id.as_str(), &outside_day);
        a["deceased"].as_array_mut().unwrap().push(named);
    });
    check("one takes the place of another", &|a| {
        a["deceased"][0] = death(outside.national_id.as_str(), &outside_day);
    });
    check("somebody is unknown", &|a| {
        a["unknown"] = json!(["38001010000"]);
    });
}

#[test]
fn order_escapes_and_further_members_do_not_matter() {
    let liveness = liveness(500);
    let question = liveness.question(0);
    let mut answer = truth(&population(), &question);
    answer["deceased"].as_array_mut().unwrap().reverse();
    answer["source"] = "population register".into();
    let text = answer
        .to_string()
        .replacen("\"id\":\"3", "\"id\":\"\\u0033", 1);
    assert!(text.contains("\\u0033"));
    assert!(liveness.judge(text.as_bytes(), &question).unwrap().correct);
}

#[test]
fn an_answer_to_one_alive_is_empty() {
    let liveness = liveness(1);
    let alive = (0..PEOPLE)
        .find(|&index| !population().is_deceased(index))
        .unwrap();
    let judgement = liveness
        .judge(
            br#"{"deceased":[],"unknown":[]}"#,
            &liveness.question(alive),
        )
        .unwrap();
    assert_eq!(
        judgement,
        Judgement {
            deceased_named: 0,
            correct: true
        }
    );
}

#[test]
fn what_is_no_answer_is_broken() {
    let liveness = liveness(1);
    let question = liveness.question(0);
    for text in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"deceased":[]}"#,
        r#"{"deceased":[],"unknown":[]"#,
        r#"{"deceased":[],"unknown":[]}x"#,
        r#"{"deceased":[{"id":"1"}],"unknown":[]}"#,
        r#"{"deceased":"none","unknown":[]}"#,
    ] {
        assert!(
            liveness.judge(text.as_bytes(), &question).is_err(),
            "{text}"
        );
    }
    assert!(liveness.judge(b"\xff\xfe", &question).is_err());
}

#[test]
fn absurd_numbers_of_ids_are_refused() {
    for ids in [0, 100_001, u64::MAX] {
        let refusal = questions(Subject::Deaths, Sizes::Fixed(ids)).unwrap_err();
        assert_eq!(refusal, QuestionsError::IdsPerExchange(ids));
    }
    let vast = Sizes::LogNormal {
        median: 90_000,
        p99: 100_000,
    };
    assert!(
        questions(Subject::Deaths, vast).is_err(),
        "some are above the 99th percentile"
    );
    let nothing = Questions::new(population(), Vec::new(), 3).unwrap_err();
    assert_eq!(nothing, QuestionsError::NothingAsked);
}

#[test]
fn a_mix_asks_about_everybody_once_and_judges_each_by_its_own_service() {
    let ask = |subject, weight, sizes| Ask {
        subject,
        weight,
        sizes,
    };
    let asks = vec![
        ask(Subject::Deaths, 8, Sizes::Fixed(1)),
        ask(Subject::Persons, 1, Sizes::Uniform { from: 2, to: 9 }),
    ];
    let questions = Questions::new(population(), asks.clone(), 3).unwrap();
    let mut asked = 0;
    let mut of_each = [0, 0];
    for index in 0..questions.exchanges() {
        assert_eq!(questions.people_asked(index), asked);
        let question = questions.question(index);
        assert_eq!(question.first_person, asked);
        asked += question.count;
        of_each[question.ask] += 1;
        let (deaths, persons) = (truth(&population(), &question), entries(&question));
        let [right, wrong] = match question.ask {
            0 => [deaths, persons],
            _ => [persons, deaths],
        };
        let judged = questions.judge(right.to_string().as_bytes(), &question);
        assert!(judged.unwrap().correct, "{index}");
        let judged = questions.judge(wrong.to_string().as_bytes(), &question);
        assert!(judged.is_err(), "{index}");
    }
    assert_eq!(asked, PEOPLE);
    assert_eq!(questions.people_asked(u64::MAX), PEOPLE);
    assert!(
        of_each[0] > 5 * of_each[1] && of_each[1] > 20,
        "{of_each:?}"
    );
    let other = Questions::new(population(), asks, 4).unwrap();
    let order = |questions: &Questions| -> Vec<u64> {
        (0..50)
            .map(|index| questions.question(index).count)
            .collect()
    };
    assert_ne!(order(&questions), order(&other), "the seed decides");
}

/// What an honest register says of persons.
fn entries(question: &Question) -> Value {
    let persons: Vec<Value> = question
        .people()
        .map(|index| {
            let population = population();
            let person = population.person(index);
            let sex = match person.sex {
                Sex::Female => "female",
                Sex::Male => "male",
            };
            json!({
                "id": person.national_id.as_str(),
                "born_on": iso_date::to_text(person.birth_date),
                "sex": sex,
                "died_on": person.status.died_on().map(iso_date::to_text),
            })
        })
        .collect();
    json!({ "persons": persons, "unknown": [] })
}

#[test]
fn every_departure_from_what_is_true_of_persons_is_wrong() {
    let questions = questions(Subject::Persons, Sizes::Fixed(500)).unwrap();
    let question = questions.question(0);
    let truth = entries(&question);
    let judged = questions.judge(truth.to_string().as_bytes(), &question);
    assert!(judged.unwrap().correct);
    let dead = truth["persons"].as_array().unwrap().iter();
    let dead = dead
        .clone()
        .position(|entry| !entry["died_on"].is_null())
        .unwrap();
    let check = |what: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut answer = truth.clone();
        change(answer["persons"].as_array_mut().unwrap());
        assert_ne!(answer, truth, "{what}: the test must change the answer");
        let judged = questions.judge(answer.to_string().as_bytes(), &question);
        assert!(!judged.unwrap().correct, "{what}");
    };
    check("one is missing", &|entries| drop(entries.pop()));
    check("one is there twice", &|entries| {
        entries.push(entries[0].clone());
    });
    check("one takes the place of another", &|entries| {
        entries[1] = entries[0].clone();
    });
    check("another day of birth", &|entries| {
        entries[3]["born_on"] = "1950-01-01".into();
    });
    check("another sex", &|entries| entries[3]["sex"] = "other".into());
    check("one dead is said alive", &|entries| {
        entries[dead]["died_on"] = Value::Null;
    });
    check("another day of death", &|entries| {
        entries[dead]["died_on"] = "2026-02-30".into();
    });
}
