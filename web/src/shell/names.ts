/** What an organisation or a group is called: its display name, else its name. */
export function shownName(thing: { name: string; display_name: string }): string {
  return thing.display_name === "" ? thing.name : thing.display_name;
}

/** What somebody is called: their name, else their user name. */
export function personName(person: { name: string; username: string }): string {
  return person.name === "" ? person.username : person.name;
}

/** "1 member", "2,000 members". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat("en").format(count)} ${count === 1 ? one : many}`;
}
