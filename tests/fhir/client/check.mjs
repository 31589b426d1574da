// Uses a FHIR base through fhir-kit-client, as a stranger's program would, and says "ok NAME" or "not ok NAME: why" for each habit
// of FHIR that it relies on. Environment: SALUS_FHIR the base, SALUS_TOKEN a bearer token for it, SALUS_OTHER_FHIR the base of
// another organisation, SALUS_ANSWERS a file that gets every resource answered, one a line, for a validator to judge.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Client } from 'fhir-kit-client';

const { SALUS_FHIR: base, SALUS_TOKEN: token, SALUS_OTHER_FHIR: otherBase, SALUS_ANSWERS: answers } = process.env;
const client = new Client({ baseUrl: base });
client.bearerToken = token;

let failures = 0;
const keep = (text) => text && answers && appendFileSync(answers, text.replace(/[\r\n]+/g, ' ') + '\n');

/** Runs one check; what it returns goes to the file of answers. */
async function check(name, body) {
  try {
    const answered = await body();
    for (const resource of [answered].flat()) if (resource?.resourceType) keep(JSON.stringify(resource));
    console.log(`ok fhir: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`not ok fhir: ${name}: ${String(error.message).split('\n').join(' ')}`);
  }
}

/** The status and OperationOutcome with which `call` is refused. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    if (!error.response) throw error;
    assert.equal(error.response.data?.resourceType, 'OperationOutcome', `${error.response.status} without an OperationOutcome`);
    return { status: error.response.status, outcome: error.response.data };
  }
  throw new Error('it was not refused');
}

/** The bytes themselves: what a JSON library would round is seen only here. */
async function raw(method, path, { body, headers = {}, to = base, authorization = `Bearer ${token}` } = {}) {
  const response = await fetch(`${to}/${path}`, {
    method, body, headers: { 'content-type': 'application/fhir+json', ...(authorization && { authorization }), ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const system = 'urn:salus:test';
const mark = randomUUID();
const person = { resourceType: 'Patient', identifier: [{ system, value: mark }], name: [{ family: 'Testperson', given: ['Ada'] }],
  gender: 'female', birthDate: '1980-02-29' };
const observation = (subject, value) => `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":` +
  `"http://loinc.org","code":"29463-7"}],"text":"Body weight"},"subject":{"reference":"${subject}"},"effectiveDateTime":` +
  `"2026-01-01T12:00:00Z","valueQuantity":{"value":${value},"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`;
const versionOf = (resource) => resource.meta.versionId;
let patient;
let first;

await check('metadata says R4', async () => {
  const statement = await client.capabilityStatement();
  assert.equal(statement.resourceType, 'CapabilityStatement');
  assert.equal(statement.fhirVersion, '4.0.1');
  return statement;
});

await check('create answers 201 with the place of the first version', async () => {
  const answer = await raw('POST', 'Patient', { body: JSON.stringify(person), headers: { prefer: 'return=representation' } });
  assert.equal(answer.status, 201);
  patient = answer.json();
  first = versionOf(patient);
  assert.match(answer.headers.get('location'), new RegExp(`Patient/${patient.id}/_history/${first}$`));
  assert.ok(answer.headers.get('etag').includes(`"${first}"`));
  assert.ok(patient.meta.lastUpdated);
  return patient;
});

await check('read and vread answer what was stored', async () => {
  const read = await client.read({ resourceType: 'Patient', id: patient.id });
  assert.deepEqual(read.name, person.name);
  const version = await client.vread({ resourceType: 'Patient', id: patient.id, version: first });
  assert.deepEqual(version, read);
  return [read, version];
});

await check('storing the same content again makes no version', async () => {
  const again = await client.update({ resourceType: 'Patient', id: patient.id, body: patient });
  assert.equal(versionOf(again), first);
  return again;
});

await check('update with If-Match makes the next version and keeps the old', async () => {
  const changed = { ...patient, name: [{ family: 'Testperson', given: ['Ada', 'Maria'] }] };
  const updated = await client.update({ resourceType: 'Patient', id: patient.id, body: changed,
    options: { headers: { 'If-Match': `W/"${first}"` } } });
  assert.notEqual(versionOf(updated), first);
  const old = await client.vread({ resourceType: 'Patient', id: patient.id, version: first });
  assert.deepEqual(old.name, person.name);
  return updated;
});

await check('update with a stale If-Match is refused with 412', async () => {
  const { status, outcome } = await refusal(() => client.update({ resourceType: 'Patient', id: patient.id,
    body: { ...patient, gender: 'other' }, options: { headers: { 'If-Match': `W/"${first}"` } } }));
  assert.equal(status, 412);
  return outcome;
});

await check('history lists both versions, the newest first', async () => {
  const history = await client.history({ resourceType: 'Patient', id: patient.id });
  assert.equal(history.type, 'history');
  assert.equal(history.entry.length, 2);
  assert.equal(versionOf(history.entry[1].resource), first);
  return history;
});

await check('what is not there is refused with 404', async () =>
  (await refusal(() => client.read({ resourceType: 'Patient', id: 'nobody-has-this-id' }).then(() => {}))).outcome);

await check('conditional create finds what is there', async () => {
  const ifNoneExist = { 'if-none-exist': `identifier=${system}|${mark}` };
  const answer = await raw('POST', 'Patient', { body: JSON.stringify(person), headers: ifNoneExist });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('location'), new RegExp(`Patient/${patient.id}/`));
});

await check('search by _id, identifier and patient', async () => {
  const created = await raw('POST', 'Observation', { body: observation(`Patient/${patient.id}`, '61.50'),
    headers: { prefer: 'return=representation' } });
  assert.equal(created.status, 201);
  const byId = await client.search({ resourceType: 'Patient', searchParams: { _id: patient.id } });
  const byIdentifier = await client.search({ resourceType: 'Patient', searchParams: { identifier: `${system}|${mark}` } });
  const byPatient = await client.search({ resourceType: 'Observation', searchParams: { patient: patient.id } });
  for (const found of [byId, byIdentifier]) assert.deepEqual(found.entry.map((entry) => entry.resource.id), [patient.id]);
  assert.deepEqual(byPatient.entry.map((entry) => entry.resource.id), [created.json().id]);
  return [byId, byIdentifier, byPatient];
});

await check('a search that finds nothing answers an empty Bundle', async () => {
  const found = await client.search({ resourceType: 'Patient', searchParams: { identifier: `${system}|nobody` } });
  assert.equal(found.type, 'searchset');
  assert.equal(found.total, 0);
  return found;
});

await check('decimals are kept to the digit', async () => {
  const created = await raw('POST', 'Observation', { body: observation(`Patient/${patient.id}`, '1.50'),
    headers: { prefer: 'return=representation' } });
  const read = await raw('GET', `Observation/${created.json().id}`);
  assert.match(read.text, /"value":\s*1\.50\b/);
  keep(read.text);
});

await check('pages lead to every entry once', async () => {
  const ids = [];
  let page = await client.search({ resourceType: 'Organization', searchParams: { _count: 10 } });
  const { total } = page;
  for (let turns = 0; page && turns < 50; turns += 1) {
    assert.ok((page.entry ?? []).length <= 10);
    ids.push(...(page.entry ?? []).map((entry) => entry.resource.id));
    page = await client.nextPage({ bundle: page });
  }
  assert.ok(ids.length > 10, `${ids.length} organisations`);
  assert.equal(new Set(ids).size, ids.length);
  if (total !== undefined) assert.equal(ids.length, total);
});

const transaction = (...resources) => ({ resourceType: 'Bundle', type: 'transaction',
  entry: resources.map(([fullUrl, resource]) => ({ fullUrl, resource, request: { method: 'POST', url: resource.resourceType } })) });

await check('a transaction resolves its urn:uuid references', async () => {
  const urn = `urn:uuid:${randomUUID()}`;
  const answered = await client.transaction({ body: transaction(
    [urn, { ...person, identifier: [{ system, value: randomUUID() }] }],
    [`urn:uuid:${randomUUID()}`, JSON.parse(observation(urn, '70.2'))]) });
  assert.equal(answered.type, 'transaction-response');
  assert.deepEqual(answered.entry.map((entry) => entry.response.status.slice(0, 3)), ['201', '201']);
  const [patientId, observationId] = answered.entry.map((entry) => entry.response.location.match(/(\w+)\/([^/]+)\/_history/)[2]);
  const stored = await client.read({ resourceType: 'Observation', id: observationId });
  assert.equal(stored.subject.reference, `Patient/${patientId}`);
  return [answered, stored];
});

await check('a transaction with one bad entry stores nothing and names it', async () => {
  const value = randomUUID();
  const { status, outcome } = await refusal(() => client.transaction({ body: transaction(
    [`urn:uuid:${randomUUID()}`, { ...person, identifier: [{ system, value }] }],
    [`urn:uuid:${randomUUID()}`, JSON.parse(observation(`urn:uuid:${randomUUID()}`, '70.2'))]) }));
  assert.ok(status >= 400 && status < 500);
  assert.match(JSON.stringify(outcome), /entry\[1\]|entry 1|entry\/1/);
  const found = await client.search({ resourceType: 'Patient', searchParams: { identifier: `${system}|${value}` } });
  assert.equal(found.total, 0);
  return outcome;
});

await check('a batch answers each entry by itself', async () => {
  const urls = [`Patient/${patient.id}`, 'Patient/nobody-has-this-id', `Patient/${patient.id}/_history/${first}`,
    `Patient/${patient.id}/_history`, `Observation?patient=${patient.id}&_count=1`];
  const answered = await client.batch({ body: { resourceType: 'Bundle', type: 'batch',
    entry: urls.map((url) => ({ request: { method: 'GET', url } })) } });
  assert.equal(answered.type, 'batch-response');
  assert.deepEqual(answered.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '404', '200', '200', '200']);
  assert.equal(answered.entry[0].resource.id, patient.id);
  assert.equal(answered.entry[3].resource.type, 'history');
  assert.equal(answered.entry[4].resource.type, 'searchset');
  return answered;
});

await check('a transaction that reads sees what it wrote', async () => {
  const { id } = patient;
  const answered = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry: [
    { request: { method: 'GET', url: `Patient/${id}` } },
    { resource: { ...person, id, gender: 'unknown' }, request: { method: 'PUT', url: `Patient/${id}` } }] } });
  assert.equal(answered.entry[0].resource.gender, 'unknown');
  return answered;
});

await check('a consent on paper is read and found as a Consent', async () => {
  const paper = { patient: patient.id, paper: 'ab'.repeat(32), until: '2099-01-01T00:00:00Z', purposes: ['TREAT'] };
  const attested = await fetch(base.replace('/fhir/R4', '/desk/consents'), { method: 'POST', body: JSON.stringify(paper),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
  assert.equal(attested.status, 201, await attested.clone().text());
  const { grant } = await attested.json();
  const consent = await client.read({ resourceType: 'Consent', id: grant });
  assert.equal(consent.patient.reference, `Patient/${patient.id}`);
  const of = (searchParams) => client.search({ resourceType: 'Consent', searchParams });
  const [active, inactive, named, identified] = [await of({ patient: patient.id, status: 'active' }),
    await of({ patient: patient.id, status: 'inactive' }), await of({ _id: grant }),
    await of({ 'patient.identifier': `${system}|${mark}` })];
  for (const found of [active, named, identified]) assert.deepEqual(found.entry.map((entry) => entry.resource.id), [grant]);
  assert.equal(inactive.total, 0);
  return [consent, active, inactive, named, identified];
});

await check('a Consent is made by a wallet or at the desk, never stored', async () => {
  const { status, outcome } = await refusal(() => client.create({ resourceType: 'Consent',
    body: { resourceType: 'Consent', status: 'active', patient: { reference: `Patient/${patient.id}` } } }));
  assert.equal(status, 422);
  return outcome;
});

await check('the audit of a patient is read as AuditEvents, page by page', async () => {
  const found = await client.search({ resourceType: 'AuditEvent', searchParams: { patient: patient.id, date: 'ge2026-01-01' } });
  assert.ok(found.entry.length > 10);
  assert.ok(found.entry.every(({ resource }) => resource.resourceType === 'AuditEvent'));
  const one = await client.read({ resourceType: 'AuditEvent', id: found.entry[0].resource.id });
  assert.deepEqual(one, found.entry[0].resource);
  const page = await client.search({ resourceType: 'AuditEvent', searchParams: { patient: patient.id, _count: 2 } });
  const next = await client.nextPage({ bundle: page });
  const numbers = [...page.entry, ...next.entry].map(({ resource }) => Number(resource.id));
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => b - a));
  const none = await client.search({ resourceType: 'AuditEvent', searchParams: { patient: patient.id, date: 'lt2020-01-01' } });
  assert.equal(none.entry, undefined);
  return [found, one, page, next, none];
});

await check('imported patients are found with what belongs to them', async () => {
  const patients = await client.search({ resourceType: 'Patient', searchParams: { _count: 50 } });
  const imported = patients.entry.map((entry) => entry.resource).find((one) =>
    one.identifier?.some((identifier) => identifier.system === 'https://github.com/synthetichealth/synthea'));
  assert.ok(imported, 'no patient of Synthea is there');
  const encounters = await client.search({ resourceType: 'Encounter', searchParams: { patient: imported.id } });
  assert.ok(encounters.entry.length > 0);
  const [encounter] = encounters.entry.map((entry) => entry.resource);
  assert.match(encounter.serviceProvider.reference, /^Organization\/[^?]+$/, 'a conditional reference was not resolved');
  return [imported, encounters];
});

for (const [name, body] of [['truncated JSON', '{"resourceType":"Patient"'], ['a duplicate key', '{"resourceType":"Patient","id":"a","id":"b"}'],
  ['JSON that is not FHIR', '{"hello":"world"}'], ['deep nesting', '{"resourceType":"Patient","x":'.padEnd(20000, '[') + '}'],
  ['invalid UTF-8', new Uint8Array([...Buffer.from('{"resourceType":"Patient","name":[{"text":"'), 0xff, 0xfe, ...Buffer.from('"}]}')])]]) {
  await check(`${name} is refused with an OperationOutcome`, async () => {
    const answer = await raw('POST', 'Patient', { body });
    assert.ok(answer.status >= 400 && answer.status < 500, `it was answered ${answer.status}`);
    assert.equal(answer.json().resourceType, 'OperationOutcome');
    return answer.json();
  });
}

await check('nobody reads without a token, or with a made-up one', async () => {
  const outcomes = [];
  for (const authorization of [undefined, 'Bearer made-up']) {
    const answer = await raw('GET', `Patient/${patient.id}`, { authorization: authorization ?? '' });
    assert.equal(answer.status, 401);
    outcomes.push(answer.json());
  }
  return outcomes;
});

await check("a token of one organisation opens nothing at another's base", async () => {
  const answer = await raw('GET', `Patient/${patient.id}`, { to: otherBase });
  assert.ok([401, 403].includes(answer.status), `it was answered ${answer.status}`);
  return answer.json();
});

process.exit(failures === 0 ? 0 : 1);
