import type { Problem } from "../api/problem";
import { groupable } from "../charts/grouping";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { Popover } from "../design/popover";
import { asideOf, fieldOf, labelOf } from "../runs/fields";
import { Filter } from "../runs/filter";
import { fields } from "../runs/known";
import { Choices } from "../runs/picker";
import { MOST_RUNS, type Arrangement } from "./arrangement";
import { FieldField, NumberField } from "./inputs";
import { changeQuestion, type Question } from "./question";

interface Props {
  saved: Arrangement;
  question: Question;
  problem: Problem | null;
  /** How many runs are shown, and how many match; null until it is known. */
  found: { shown: number; total: number } | null;
}

/** Which runs the dashboard is about: whoever looks may ask for others, and the address says so. */
export function Asking({ saved, question, problem, found }: Props) {
  const ask = (part: Partial<Question>): void => changeQuestion(saved, part);
  const count = found ? `${exactCount(found.shown)} of ${exactCount(found.total)}` : "Runs";
  return (
    <div class="board-asking">
      <Filter rows={null} problem={problem} where={question.where} onChange={(where) => ask({ where })} />
      <GroupBy by={question.by} onChange={(by) => ask({ by })} />
      <Popover
        label={
          <>
            <Icon name="stack" /> {count}
          </>
        }
        name={`${count}: how many runs, and which first`}
      >
        {() => <Which question={question} ask={ask} />}
      </Popover>
    </div>
  );
}

function GroupBy({ by, onChange }: { by: readonly string[]; onChange: (by: readonly string[]) => void }) {
  const all = groupable(fields.value ?? []);
  const said = by.map((one) => labelOf(fieldOf(one))).join(", ");
  const label = (
    <>
      <Icon name="group" /> {by.length === 0 ? "Group" : <bdi>{said}</bdi>}
    </>
  );
  return (
    <Popover
      label={label}
      name={by.length === 0 ? "Group by fields" : `Group by fields: ${said}`}
      buttonClass={by.length > 0 ? "button is-on" : "button"}
    >
      {() => <Choices all={all} chosen={by} none="No field is called so." onChange={onChange} />}
    </Popover>
  );
}

function Which({ question, ask }: { question: Question; ask: (part: Partial<Question>) => void }) {
  const [first = ""] = question.sort;
  const isDescending = first.startsWith("-");
  const field = isDescending ? first.slice(1) : first;
  const sortBy = (text: string, descending: boolean): void =>
    ask({ sort: text ? [descending ? `-${text}` : text] : [] });
  const of = fieldOf(field);
  return (
    <div class="board-which">
      <NumberField
        label="Runs at most"
        value={question.most}
        bounds={[1, MOST_RUNS]}
        onChange={(most) => ask({ most })}
      />
      <FieldField
        label="The first by"
        none="When they were tracked, the newest first"
        value={field}
        onChange={(text) => sortBy(text, isDescending)}
      />
      {field !== "" && (
        <label class="check">
          <input
            type="checkbox"
            checked={isDescending}
            onChange={(event) => sortBy(field, event.currentTarget.checked)}
          />
          <span>
            The greatest <bdi>{labelOf(of)}</bdi> {asideOf(of)} first
          </span>
        </label>
      )}
    </div>
  );
}
