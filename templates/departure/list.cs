<?cs include:"macros.cs" ?><?cs def:actions() ?><form action="/departure/new" data-dialog><button class="button">出具离沪证明</button></form><?cs /def ?><?cs
def:intro() ?><p class="lead">持证人离开本市的，办理离沪并出具离沪证明；已出具的证明在下表中下载。</p>
<?cs /def ?><?cs
def:nothing() ?>还没有离沪记录。点击“出具离沪证明”，为离开本市的人员办理。<?cs /def ?><?cs include:"_records.cs" ?><?cs include:"layout.cs" ?>
