<?cs include:"macros.cs" ?><?cs set:Title = Person.Name + "的考核与参保" ?><?cs

def:more(of) ?><?cs if:of.More ?><p class="quiet">只显示最近的 <?cs var:of.More ?> 条。</p>
<?cs /if ?><?cs /def ?><?cs

def:content() ?><p class="back"><a href="/staff/evidence/">返回考核与参保</a></p>
<h1><?cs var:Person.Name ?></h1>
<dl class="facts"><?cs call:fact(Person.IdType, Person.IdNumber) ?></dl>
<?cs if:?Exams.Rows.0.Number ?><table class="list data"><caption>考核成绩</caption>
<thead><tr><th scope="col">准考证号<th scope="col">类别<th scope="col">职务<th scope="col">企业<th scope="col">考核日期<th scope="col">成绩<th scope="col">用于证书
<tbody>
<?cs each:row = Exams.Rows ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="类别"><?cs var:row.Class ?><td data-as="职务"><?cs var:row.Post ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="考核日期"><?cs var:row.Date ?><td data-as="成绩"><?cs var:row.Amount ?> 分，<?cs if:row.Passed > #0 ?>合格<?cs else ?>不合格<?cs /if ?><td data-as="用于证书"><?cs if:row.More ?><?cs var:row.More ?><?cs else ?>未使用<?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有考核成绩。</p>
<?cs /if ?><?cs call:more(Exams) ?><?cs if:?Insurance.Rows.0.Date ?><table class="list data"><caption>社会保险缴费月份</caption>
<thead><tr><th scope="col">月份<th scope="col">缴费企业
<tbody>
<?cs each:row = Insurance.Rows ?><tr><th scope="row"><?cs var:string.slice(row.Date, #0, #4) ?>年<?cs var:string.slice(row.Date, #5, #7) ?>月<td data-as="缴费企业"><?cs var:row.Enterprise ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有社会保险记录。</p>
<?cs /if ?><?cs call:more(Insurance) ?><?cs if:?Education.Rows.0.Number ?><table class="list data"><caption>继续教育</caption>
<thead><tr><th scope="col">记录编号<th scope="col">类别<th scope="col">企业<th scope="col">完成日期<th scope="col">学时<th scope="col">培训机构
<tbody>
<?cs each:row = Education.Rows ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="类别"><?cs var:row.Class ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="完成日期"><?cs var:row.Date ?><td data-as="学时"><?cs var:row.Amount ?><td data-as="培训机构"><?cs var:row.More ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有继续教育记录。</p>
<?cs /if ?><?cs call:more(Education) ?><p class="quiet">记录来自数据导入和已接入的数据服务，这里只能查看。</p>
<?cs /def ?><?cs include:"layout.cs" ?>
