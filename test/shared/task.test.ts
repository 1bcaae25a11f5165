import { expect, test } from 'vitest'
import { taskAnswerSchema, taskSchema, taskStates } from '../../shared/task.ts'

const task = { id: '12', caseId: '77', name: 'SAT7F3K2M9QXA4B', state: 'WAITING' }

test('a task is read in the spelling of IBM’s samples and in that of its prose', () => {
  expect(taskAnswerSchema.parse({ id: 12, case_id: 77, name: task.name, state: 'WAITING' })).toEqual(task)
  expect(taskAnswerSchema.parse({ id: 12, case_id: 77, case_name: task.name, status: 'WAITING' })).toEqual(
    task,
  )
})

test('where both spellings are there, that of the samples counts; a null counts as not there', () => {
  const both = { id: 12, case_id: 77, name: task.name, case_name: 'x', state: 'WAITING', status: 'COMPLETE' }
  expect(taskAnswerSchema.parse(both)).toEqual(task)
  const nulls = { ...both, name: null, case_name: task.name, state: null, status: 'WAITING' }
  expect(taskAnswerSchema.parse(nulls)).toEqual(task)
})

test('a task that says neither its case nor its name is a task', () => {
  expect(taskAnswerSchema.parse({ id: 12, state: 'WAITING' })).toEqual({ ...task, caseId: null, name: null })
})

test('ids are text from end to end, 64-bit ones too', () => {
  const long = '18446744073709551615'
  expect(taskAnswerSchema.parse({ id: long, case_id: long, state: 'WAITING' })).toMatchObject({
    id: long,
    caseId: long,
  })
  expect(taskAnswerSchema.parse({ id: 0, case_id: Number.MAX_SAFE_INTEGER, state: 'WAITING' })).toMatchObject(
    {
      id: '0',
      caseId: '9007199254740991',
    },
  )
})

test.each([
  ['a number that lost digits on the way', 2 ** 53],
  ['a negative number', -1],
  ['a fraction', 1.5],
  ['text that is no number', 'seven'],
  ['empty text', ''],
  ['nothing', null],
  ['an object', {}],
])('%s is no id', (_, id) => {
  expect(taskAnswerSchema.safeParse({ id, state: 'WAITING' }).success).toBe(false)
})

test('states that nobody documented are kept as the server says them', () => {
  for (const state of [...taskStates, 'ARCHIVING', 'waiting', '']) {
    const read = taskAnswerSchema.parse({ id: 12, state })
    expect(read.state).toBe(state)
    expect(taskSchema.parse(read)).toEqual(read)
  }
})

test.each([
  ['without a state', { id: 12, name: 'x' }],
  ['with nulls for its state', { id: 12, state: null, status: null }],
  ['whose state is a number', { id: 12, state: 3 }],
  ['that is a list', []],
  ['that is null', null],
  ['that is a page', '<html>sign in</html>'],
])('an answer %s is no task', (_, answer) => {
  expect(taskAnswerSchema.safeParse(answer).success).toBe(false)
})
