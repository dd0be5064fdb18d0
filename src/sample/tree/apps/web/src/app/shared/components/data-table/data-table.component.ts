import { ChangeDetectionStrategy, Component, EventEmitter, Input, Output } from '@angular/core';

export interface Column<Row> {
  key: string;
  label: string;
  value: (row: Row) => string;
}

@Component({
  selector: 'tp-data-table',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './data-table.component.html',
})
export class DataTableComponent<Row extends { id: string }> {
  @Input({ required: true }) columns: Column<Row>[] = [];
  @Input() rows: Row[] = [];
  @Input() total = 0;
  @Input() page = 1;
  @Input() pageSize = 25;
  @Output() readonly pageChange = new EventEmitter<number>();
  @Output() readonly rowSelect = new EventEmitter<Row>();

  get pages(): number {
    return Math.max(1, Math.ceil(this.total / this.pageSize));
  }
}
